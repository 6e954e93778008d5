package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/airway-net/airway/interop-tests/go-peer/control"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// person is who gives commands: where its agent is, and how it wants the answers.
type person struct {
	home string
	json bool
}

// ask asks the agent of the home, and returns the line of the answer.
func (p *person) ask(ctx context.Context, do string, arguments map[string]any) (json.RawMessage, error) {
	home, err := p.directory()
	if err != nil {
		return nil, err
	}
	client, err := control.Dial(ctx, home)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return client.Do(ctx, do, arguments)
}

// show prints the answer: as JSON, or, for people, as print does.
func show[A any](p *person, line json.RawMessage, print func(io.Writer, A) error) error {
	if p.json {
		_, err := fmt.Printf("%s\n", line)
		return err
	}
	var answer A
	if err := json.Unmarshal(line, &answer); err != nil {
		return fmt.Errorf("the agent's answer is not understood: %w", err)
	}
	return print(os.Stdout, answer)
}

// command makes a command of a request: build goes from its arguments to those of the request, print shows the answer.
func command[A any](
	p *person, do, use, short string, args cobra.PositionalArgs,
	build func(args []string) (map[string]any, error), print func(io.Writer, A) error,
) *cobra.Command {
	// Whoever has mistyped something wants to see how it is typed.
	counted := func(c *cobra.Command, given []string) error {
		if err := args(c, given); err != nil {
			return fmt.Errorf("%w\nusage: %s", err, c.UseLine())
		}
		return nil
	}
	return &cobra.Command{
		Use: use, Short: short, Args: counted,
		RunE: func(c *cobra.Command, args []string) error {
			arguments, err := build(args)
			if err != nil {
				return err
			}
			line, err := p.ask(c.Context(), do, arguments)
			if err != nil {
				return err
			}
			return show(p, line, print)
		},
	}
}

// named takes each argument by its name.
func named(names ...string) func([]string) (map[string]any, error) {
	return func(args []string) (map[string]any, error) {
		arguments := make(map[string]any)
		for i, arg := range args {
			if arg == "-" {
				line, err := io.ReadAll(io.LimitReader(os.Stdin, maxStdin+1))
				if err != nil {
					return nil, err
				}
				if len(line) > maxStdin {
					return nil, fmt.Errorf("what comes on stdin is over the limit of %d bytes: send it as a file", maxStdin)
				}
				arg = strings.TrimSpace(string(line))
			}
			arguments[names[i]] = arg
		}
		return arguments, nil
	}
}

// maxStdin bounds what is read from stdin: a message, or a ticket, an invite or a card, which others do not see there.
const maxStdin = service.MaxPayload

// nothing is the answer of a request that is done without a word.
type nothing struct{}

// done prints one sentence.
func done(sentence string) func(io.Writer, nothing) error {
	return func(w io.Writer, _ nothing) error {
		_, err := fmt.Fprintln(w, sentence)
		return err
	}
}

// table prints rows under a head, or a sentence if there are none.
func table(w io.Writer, none string, head []string, rows [][]string) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, none)
		return err
	}
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{head}, rows...) {
		if _, err := fmt.Fprintln(columns, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return columns.Flush()
}
