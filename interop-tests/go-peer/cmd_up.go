package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/airway-net/airway/interop-tests/go-peer/control"
)

func newUp(p *person) *cobra.Command {
	var s settings
	c := &cobra.Command{
		Use:   "up",
		Short: "Run the agent of a home until it is interrupted",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			home, err := p.directory()
			if err != nil {
				return err
			}
			a, first, err := startAgent(c.Context(), &s, home)
			if err != nil {
				return err
			}
			if p.json {
				err = json.NewEncoder(os.Stdout).Encode(first)
			} else {
				_, err = fmt.Printf("this agent is %s\nits home is %s\n", first.Endpoint, home)
			}
			if err == nil {
				err = control.NewServer(a).Listen(c.Context(), home)
			}
			return errors.Join(err, a.Close())
		},
	}
	s.flags(c, "0.0.0.0")
	return c
}
