package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/airway-net/airway/interop-tests/go-peer/control"
)

// errFindings says that receipts are not in order.
var errFindings = errors.New("the receipts are not in order")

func poloCommands(p *person) []*cobra.Command {
	c := &cobra.Command{Use: "polo", Short: "Receipts of tasks, and what agents are worth by them"}
	c.AddCommand(
		command(p, "polo_score", "score [who]", "Show what a contact, or this agent, is worth", cobra.MaximumNArgs(1), named("who"), printScore),
		newExport(p), newVerify(p),
	)
	return []*cobra.Command{c}
}

func printScore(w io.Writer, answer struct {
	Raw           int64
	PersonalMilli int64 `json:"personal_milli"`
}) error {
	_, err := fmt.Fprintf(w, "raw %d, to us %d.%03d\n", answer.Raw, answer.PersonalMilli/1000, answer.PersonalMilli%1000)
	return err
}

func newExport(p *person) *cobra.Command {
	var with string
	c := command(p, "polo_export", "export <path>", "Write our receipts to a file that anybody can verify", cobra.ExactArgs(1),
		func(args []string) (map[string]any, error) {
			path, err := filepath.Abs(args[0])
			return map[string]any{"path": path, "who": with}, err
		}, func(w io.Writer, answer struct{ Receipts int }) error {
			_, err := fmt.Fprintf(w, "%d receipts\n", answer.Receipts)
			return err
		})
	c.Flags().StringVar(&with, "with", "", "those with this contact alone")
	return c
}

// newVerify verifies files by itself: no agent has to run.
func newVerify(p *person) *cobra.Command {
	return &cobra.Command{
		Use:   "verify <file>...",
		Short: "Verify the receipts in a file, beside what those in further files say of its chains",
		Long: "Verify the receipts in a file: signatures, rewards, and that no chain has a gap. Further files are what others have\n" +
			"exported: they show where a chain of the first one was cut. No agent has to run. Ends with 1 if anything is found.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			findings, err := control.Verify(args...)
			if err != nil {
				return err
			}
			for _, found := range findings {
				if p.json {
					err = json.NewEncoder(c.OutOrStdout()).Encode(map[string]string{"code": string(found.Code), "text": found.Text})
				} else {
					_, err = fmt.Fprintf(c.OutOrStdout(), "%s: %s\n", found.Code, found.Text)
				}
				if err != nil {
					return err
				}
			}
			if len(findings) > 0 {
				return errFindings
			}
			if !p.json {
				_, err = fmt.Fprintln(c.OutOrStdout(), "in order")
			}
			return err
		},
	}
}
