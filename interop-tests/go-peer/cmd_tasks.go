package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

func taskCommands(p *person) []*cobra.Command {
	c := &cobra.Command{
		Use: "task", Short: "Tasks that we give to contacts, and that they give to us",
	}
	one := cobra.ExactArgs(1)
	c.AddCommand(
		newSubmit(p),
		command(p, "task_list", "list", "List all tasks", cobra.NoArgs, named(), printTasks),
		command(p, "task_show", "show <task>", "Show a task, and its result", one, named("task"), printTask),
		newNext(p),
		command(p, "task_accept", "accept <task>", "Put a task into the queue", one, named("task"), done("accepted")),
		command(p, "task_decline", "decline <task> [why]", "Do not take a task", cobra.RangeArgs(1, 2), named("task", "reason"), done("declined")),
		command(p, "task_progress", "progress <task> <percent> [text]", "Say how far a task is", cobra.RangeArgs(2, 3), progressed, done("noted")),
		newComplete(p),
		command(p, "task_fail", "fail <task> <why>", "Say that there will be no result", cobra.ExactArgs(2), named("task", "reason"), done("failed")),
		newCancel(p),
	)
	return []*cobra.Command{c}
}

func newSubmit(p *person) *cobra.Command {
	var input, file, taskID string
	var limit time.Duration
	var once bool
	c := command(p, "task_submit", "submit <who> <description>", "Give a contact a task", cobra.ExactArgs(2),
		func(args []string) (map[string]any, error) {
			arguments, err := named("who", "description")(args)
			if err != nil {
				return nil, err
			}
			arguments["at_most_once"], arguments["limit_ms"] = once, limit.Milliseconds()
			if input != "" {
				arguments["input"] = input
			}
			if taskID != "" {
				arguments["task"] = taskID
			}
			return arguments, withFile(arguments, file)
		}, func(w io.Writer, answer struct{ Task string }) error {
			_, err := fmt.Fprintln(w, answer.Task)
			return err
		})
	c.Flags().StringVar(&input, "input", "", "what it is to be done with")
	c.Flags().StringVar(&file, "file", "", "file that it is to be done with")
	c.Flags().StringVar(&taskID, "id", "", "id of the task: submitted again, it is the same")
	c.Flags().DurationVar(&limit, "limit", 0, "how long it may take (default 24h)")
	c.Flags().BoolVar(&once, "at-most-once", false, "have it begun once at most")
	c.MarkFlagsMutuallyExclusive("input", "file")
	return c
}

// withFile names a file as the agent has to, which runs elsewhere.
func withFile(arguments map[string]any, path string) error {
	if path == "" {
		return nil
	}
	whole, err := filepath.Abs(path)
	arguments["file"] = whole
	return err
}

func newNext(p *person) *cobra.Command {
	var wait time.Duration
	c := command(p, "task_next", "next", "Take the next task to work at, also one that nobody has accepted", cobra.NoArgs,
		func([]string) (map[string]any, error) {
			return map[string]any{"wait_ms": wait.Milliseconds(), "accept": true}, nil
		}, printNext)
	c.Flags().DurationVar(&wait, "wait", 0, "how long to wait for one")
	return c
}

func newComplete(p *person) *cobra.Command {
	var file string
	c := command(p, "task_complete", "complete <task> [result]", "Hand over the result of a task", cobra.RangeArgs(1, 2),
		func(args []string) (map[string]any, error) {
			arguments, err := named("task", "result")(args)
			if err != nil {
				return nil, err
			}
			return arguments, withFile(arguments, file)
		}, done("completed"))
	c.Flags().StringVar(&file, "file", "", "file with the result")
	return c
}

func newCancel(p *person) *cobra.Command {
	var abandon bool
	c := command(p, "task_cancel", "cancel <task>", "Have a task ended", cobra.ExactArgs(1),
		func(args []string) (map[string]any, error) {
			return map[string]any{"task": args[0], "abandon": abandon}, nil
		}, done("its worker is asked to end it"))
	c.Flags().BoolVar(&abandon, "abandon", false, "end it here at once, whatever the worker says")
	return c
}

// progressed takes a percentage for what travels, which is of a thousand.
func progressed(args []string) (map[string]any, error) {
	arguments, err := named("task", "progress", "text")(args)
	if err != nil {
		return nil, err
	}
	percent, err := strconv.ParseFloat(strings.TrimSuffix(args[1], "%"), 64)
	if err != nil || percent < 0 || percent > 100 {
		return nil, fmt.Errorf("%q is no percentage", args[1])
	}
	arguments["progress"] = int(percent*10 + 0.5)
	return arguments, nil
}

// taskLine is a task in an answer. Description, text and output are others' words.
type taskLine struct {
	Task, Role, Who, Description, State string
	Text, Output                        *string
	Progress                            *int
	Settled, Stalled                    bool
	File                                *struct{ ID, Name string }
	Receipt                             *struct{ Seq, Reward int64 }
}

func printTasks(w io.Writer, answer struct{ Tasks []taskLine }) error {
	var rows [][]string
	for _, t := range answer.Tasks {
		rows = append(rows, []string{t.Task, t.Role, t.State, t.Who, id.Clean(t.Description)})
	}
	return table(w, "no tasks", []string{"ID", "ROLE", "STATE", "WITH", "DESCRIPTION"}, rows)
}

func printTask(w io.Writer, t taskLine) error {
	lines := []string{
		t.Role + " of " + t.Task + " with " + t.Who, id.Clean(t.Description), "state: " + t.State,
	}
	if t.Progress != nil {
		lines = append(lines, fmt.Sprintf("progress: %.1f%%", float64(*t.Progress)/10))
	}
	if t.Stalled {
		lines = append(lines, "nothing was heard of it for long")
	}
	if t.Text != nil {
		lines = append(lines, "text: "+id.Clean(*t.Text))
	}
	if t.File != nil {
		lines = append(lines, "result: file "+t.File.ID+", "+id.Clean(t.File.Name))
	}
	if t.Output != nil {
		lines = append(lines, "result: "+id.Clean(*t.Output))
	}
	if t.Receipt != nil {
		lines = append(lines, fmt.Sprintf("receipt: number %d, worth %d", t.Receipt.Seq, t.Receipt.Reward))
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

func printNext(w io.Writer, answer struct {
	Task             *string
	Who, Description string
}) error {
	if answer.Task == nil {
		_, err := fmt.Fprintln(w, "no task")
		return err
	}
	_, err := fmt.Fprintf(w, "%s from %s: %s\n", *answer.Task, answer.Who, id.Clean(answer.Description))
	return err
}
