package control

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
	"github.com/airway-net/airway/interop-tests/go-peer/polo"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
)

// errRole says that a word stands for no role.
var errRole = errors.New("a role is requester or worker")

// taskVerbs are those about tasks that we have given to others, or that others have given to us.
func taskVerbs() map[string]Verb {
	return map[string]Verb{
		"task_submit":   verb(to(submitTask)),
		"task_show":     verb(showTask),
		"task_list":     verb(listTasks),
		"task_next":     patiently(nextTask),
		"task_accept":   verb(acceptTask),
		"task_decline":  verb(declineTask),
		"task_progress": verb(progressTask),
		"task_complete": verb(completeTask),
		"task_fail":     verb(failTask),
		"task_cancel":   verb(cancelTask),
	}
}

// material is input or a result: text, or the path of a file.
func material(text *string, path string) *agent.Material {
	switch {
	case path != "":
		return &agent.Material{Path: path}
	case text != nil:
		return &agent.Material{Inline: []byte(*text)}
	}
	return nil
}

type submitQuestion struct {
	whom
	Description string  `json:"description"`
	Input       *string `json:"input"`
	File        string  `json:"file"`
	// LimitMS is how long it may take, in milliseconds; as usual if 0.
	LimitMS    uint64  `json:"limit_ms"`
	AtMostOnce bool    `json:"at_most_once"`
	MaxReward  *uint64 `json:"max_reward"`
	// Task is the id that makes a repeat the same task; chosen if absent.
	Task *task.ID `json:"task"`
}

type taskAnswer struct {
	Task task.ID `json:"task"`
}

func submitTask(_ context.Context, a *agent.Agent, p peer.ID, q submitQuestion) (taskAnswer, error) {
	n := agent.NewTask{
		Description: q.Description, Input: material(q.Input, q.File), MaxReward: q.MaxReward,
		Limit: min(time.Duration(min(q.LimitMS, 1<<40))*time.Millisecond, task.MaxLimit+time.Second),
	}
	if q.AtMostOnce {
		n.Execution = task.AtMostOnce
	}
	if q.Task != nil {
		n.ID = *q.Task
	}
	id, err := a.SubmitTask(p, n)
	return taskAnswer{id}, err
}

// attachmentView is a file that goes with a task.
type attachmentView struct {
	ID     service.MessageID `json:"id"`
	Name   string            `json:"name"`
	Size   uint64            `json:"size"`
	Digest service.Digest    `json:"digest"`
}

// receiptView is the receipt of a task.
type receiptView struct {
	Seq    uint64    `json:"seq"`
	Reward uint64    `json:"reward"`
	Hash   polo.Hash `json:"hash"`
	Prev   polo.Hash `json:"prev"`
}

// taskView is a task. Description, text and output are others'; what is no text is shown as far as it is one.
type taskView struct {
	Task        task.ID         `json:"task"`
	Role        string          `json:"role"`
	Who         string          `json:"who"`
	Description string          `json:"description"`
	State       string          `json:"state"`
	Seq         uint64          `json:"seq"`
	Attempt     uint32          `json:"attempt"`
	Reason      *task.Reason    `json:"reason"`
	Text        *string         `json:"text"`
	Progress    *uint16         `json:"progress"`
	Output      *string         `json:"output"`
	File        *attachmentView `json:"file"`
	// Settled says that nothing about it is on its way any more.
	Settled bool         `json:"settled"`
	Stalled bool         `json:"stalled"`
	Receipt *receiptView `json:"receipt"`
}

// contentView is what content says: text, or a file.
func contentView(c *task.Content) (*string, *attachmentView) {
	switch {
	case c == nil:
		return nil, nil
	case c.File != nil:
		view := attachmentView(*c.File)
		return nil, &view
	}
	text := string(c.Inline)
	return &text, nil
}

func viewOf(a *agent.Agent, t *agent.Task) taskView {
	view := taskView{
		Task: t.ID, Role: t.Role.String(), Who: a.EndpointOf(t.Agent).String(), Description: t.Submission().Description,
		State: t.State().String(), Seq: t.Seq(), Attempt: t.Attempt(), Reason: t.Reason(), Text: t.Text,
		Progress: t.Progress(), Settled: t.IsTold(), Stalled: a.IsStalled(t),
	}
	view.Output, view.File = contentView(t.Content())
	if receipt := a.Receipt(t.Receipt); receipt != nil {
		view.Receipt = &receiptView{receipt.Seq, receipt.Reward, receipt.Hash(), receipt.Prev}
	}
	return view
}

type showQuestion struct {
	taskAnswer
	// Role is ours in it; needed where the same id was chosen on both sides.
	Role string `json:"role"`
}

func showTask(_ context.Context, a *agent.Agent, q showQuestion) (taskView, error) {
	var roles []agent.Role
	switch q.Role {
	case "":
	case agent.Requester.String():
		roles = append(roles, agent.Requester)
	case agent.Worker.String():
		roles = append(roles, agent.Worker)
	default:
		return taskView{}, errRole
	}
	t, err := a.Task(q.Task, roles...)
	if err != nil {
		return taskView{}, err
	}
	return viewOf(a, t), nil
}

type tasksAnswer struct {
	Tasks []taskView `json:"tasks"`
}

func listTasks(_ context.Context, a *agent.Agent, _ none) (tasksAnswer, error) {
	answer := tasksAnswer{[]taskView{}}
	for _, t := range a.Tasks() {
		answer.Tasks = append(answer.Tasks, viewOf(a, t))
	}
	return answer, nil
}

type nextQuestion struct {
	WaitMS uint64 `json:"wait_ms"`
	// Accept takes the oldest that nobody has accepted, if none is in the queue.
	Accept bool `json:"accept"`
	// LeaseMS is within which it has to be heard of; for ever if absent.
	LeaseMS *uint64 `json:"lease_ms"`
}

// nextAnswer is a task to work at; Task is nil if there is none.
type nextAnswer struct {
	Task        *task.ID        `json:"task"`
	Who         string          `json:"who,omitempty"`
	Description string          `json:"description,omitempty"`
	Attempt     uint32          `json:"attempt,omitempty"`
	Input       json.RawMessage `json:"input"`
}

func nextTask(ctx context.Context, a *agent.Agent, q nextQuestion) (nextAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, min(time.Duration(min(q.WaitMS, 1<<40))*time.Millisecond, longestWait))
	defer cancel()
	var lease *time.Duration
	if q.LeaseMS != nil {
		bound := time.Duration(min(*q.LeaseMS, 1<<40)) * time.Millisecond
		lease = &bound
	}
	t, err := a.NextTask(ctx, q.Accept, lease)
	if err != nil || t == nil {
		return nextAnswer{Input: json.RawMessage("null")}, err
	}
	s := t.Submission()
	answer := nextAnswer{Task: &t.ID, Who: a.EndpointOf(t.Agent).String(), Description: s.Description, Attempt: t.Attempt()}
	if text, file := contentView(s.Input); file != nil {
		answer.Input, err = json.Marshal(map[string]any{"file": file})
	} else {
		answer.Input, err = json.Marshal(text)
	}
	return answer, err
}

func acceptTask(_ context.Context, a *agent.Agent, q taskAnswer) (none, error) {
	return none{}, a.AcceptTask(q.Task)
}

// reasonQuestion is about a task, and why.
type reasonQuestion struct {
	taskAnswer
	Attempt *uint32 `json:"attempt"`
	Reason  *string `json:"reason"`
	Abandon bool    `json:"abandon"`
}

func declineTask(_ context.Context, a *agent.Agent, q reasonQuestion) (none, error) {
	return none{}, a.DeclineTask(q.Task, q.Reason)
}

func failTask(_ context.Context, a *agent.Agent, q reasonQuestion) (none, error) {
	return none{}, a.FailTask(q.Task, q.Attempt, q.Reason)
}

func cancelTask(_ context.Context, a *agent.Agent, q reasonQuestion) (none, error) {
	return none{}, a.CancelTask(q.Task, q.Reason, q.Abandon)
}

type progressQuestion struct {
	taskAnswer
	Attempt *uint32 `json:"attempt"`
	// Progress is of a thousand.
	Progress *uint16 `json:"progress"`
	Text     *string `json:"text"`
}

func progressTask(_ context.Context, a *agent.Agent, q progressQuestion) (none, error) {
	return none{}, a.ProgressTask(q.Task, q.Attempt, q.Progress, q.Text)
}

type completeQuestion struct {
	taskAnswer
	Attempt *uint32 `json:"attempt"`
	Result  *string `json:"result"`
	File    string  `json:"file"`
}

func completeTask(_ context.Context, a *agent.Agent, q completeQuestion) (none, error) {
	return none{}, a.CompleteTask(q.Task, q.Attempt, material(q.Result, q.File))
}
