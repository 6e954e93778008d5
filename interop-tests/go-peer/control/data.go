package control

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/inbox"
)

// maxTrips bounds the round trips of one request.
const maxTrips = 100_000

// dataVerbs are those about messages and files, and runs that measure.
func dataVerbs() map[string]Verb {
	return map[string]Verb{
		"send":      verb(send),
		"inbox":     verb(messages),
		"clear":     verb(clearInbox),
		"send_file": patiently(sendFile),
		"files":     verb(files),
		"perf":      patiently(perf),
		"trips":     patiently(trips),
	}
}

type sendQuestion struct {
	whom
	Text string `json:"text"`
}

type sendAnswer struct {
	Message string `json:"message"`
}

func send(ctx context.Context, a *agent.Agent, q sendQuestion) (sendAnswer, error) {
	p, err := a.Resolve(ctx, q.Who)
	if err != nil {
		return sendAnswer{}, err
	}
	sent, err := a.SendText(ctx, p, q.Text)
	return sendAnswer{sent.String()}, err
}

// messageView is a message in the inbox. The text is its sender's; what is no text is shown as far as it is one.
type messageView struct {
	ID   string `json:"id"`
	From string `json:"from"`
	Text string `json:"text"`
}

type messagesAnswer struct {
	Messages []messageView `json:"messages"`
}

func messages(_ context.Context, a *agent.Agent, _ none) (messagesAnswer, error) {
	items, err := a.Inbox(0, math.MaxInt)
	answer, label := messagesAnswer{[]messageView{}}, labels(a)
	for _, item := range items {
		if m := item.Message; item.File == nil {
			answer.Messages = append(answer.Messages, messageView{
				ID: m.ID.String(), From: label(item.From), Text: string(m.Payload),
			})
		}
	}
	return answer, err
}

// clearQuestion names messages and files to clear by their ids.
type clearQuestion struct {
	IDs []string `json:"ids"`
}

type clearAnswer struct {
	Cleared int `json:"cleared"`
}

func clearInbox(_ context.Context, a *agent.Agent, q clearQuestion) (clearAnswer, error) {
	items, err := a.Inbox(0, math.MaxInt)
	if err != nil {
		return clearAnswer{}, err
	}
	var seqs []uint64
	for _, item := range items {
		if slices.Contains(q.IDs, item.Message.ID.String()) {
			seqs = append(seqs, item.Seq)
		}
	}
	return clearAnswer{len(seqs)}, a.ClearInbox(seqs...)
}

type sendFileQuestion struct {
	whom
	Path string `json:"path"`
}

// sentFileView is a file that has arrived; Began is the byte at which the last attempt began.
type sentFileView struct {
	Digest string `json:"digest"`
	Size   uint64 `json:"size"`
	Began  uint64 `json:"began"`
	Micros int64  `json:"micros"`
}

func sendFile(ctx context.Context, a *agent.Agent, q sendFileQuestion) (sentFileView, error) {
	p, err := a.Resolve(ctx, q.Who)
	if err != nil {
		return sentFileView{}, err
	}
	start := time.Now()
	sent, err := a.SendFile(ctx, p, q.Path)
	return sentFileView{sent.Digest.String(), sent.Size, sent.Began, time.Since(start).Microseconds()}, err
}

// fileView is a file in the inbox; Began is the byte at which the attempt began that brought the last of it.
type fileView struct {
	ID     string `json:"id"`
	From   string `json:"from"`
	Name   string `json:"name"`
	Size   uint64 `json:"size"`
	Digest string `json:"digest"`
	Began  uint64 `json:"began"`
	Path   string `json:"path"`
}

type filesAnswer struct {
	Files []fileView `json:"files"`
}

func files(_ context.Context, a *agent.Agent, _ none) (filesAnswer, error) {
	items, err := a.Files()
	answer, label := filesAnswer{[]fileView{}}, labels(a)
	for _, item := range items {
		answer.Files = append(answer.Files, fileOf(item, label(item.From)))
	}
	return answer, err
}

func fileOf(item inbox.Item, from string) fileView {
	f := item.File
	return fileView{item.Message.ID.String(), from, string(f.Name), f.Size, f.Digest.String(), f.Began, f.Path}
}

// labels says how somebody is called in requests: by the endpoint that a contact has, or else the fingerprint.
func labels(a *agent.Agent) func(id.AgentID) string {
	endpoints := make(map[id.Fingerprint]string)
	for _, c := range a.Contacts() {
		if f := c.Endpoint.Fingerprint; f != nil {
			endpoints[*f] = c.Endpoint.String()
		}
	}
	return func(agent id.AgentID) string {
		if endpoint, ok := endpoints[agent.Fingerprint()]; ok {
			return endpoint
		}
		return agent.Fingerprint().String()
	}
}

type perfQuestion struct {
	whom
	Upload   uint64 `json:"upload"`
	Download uint64 `json:"download"`
}

type took struct {
	Micros int64 `json:"micros"`
}

func perf(ctx context.Context, a *agent.Agent, q perfQuestion) (took, error) {
	p, err := a.Resolve(ctx, q.Who)
	if err != nil {
		return took{}, err
	}
	time, err := a.Perf(ctx, p, q.Upload, q.Download)
	return took{time.Microseconds()}, err
}

type tripsQuestion struct {
	whom
	Bytes int `json:"bytes"`
	Count int `json:"count"`
}

// tripsAnswer is the median of some round trips on one stream, in nanoseconds.
type tripsAnswer struct {
	P50 int64 `json:"p50_nanos"`
}

func trips(ctx context.Context, a *agent.Agent, q tripsQuestion) (tripsAnswer, error) {
	if q.Bytes < 1 || q.Bytes > chunk || q.Count < 1 || q.Count > maxTrips {
		return tripsAnswer{}, fmt.Errorf("1 to %d round trips of 1 to %d bytes can be taken", maxTrips, chunk)
	}
	p, err := a.Resolve(ctx, q.Who)
	if err != nil {
		return tripsAnswer{}, err
	}
	all, err := a.Trips(ctx, p, q.Bytes, q.Count)
	if err != nil {
		return tripsAnswer{}, err
	}
	slices.Sort(all)
	return tripsAnswer{all[len(all)/2].Nanoseconds()}, nil
}
