package main

import (
	"github.com/spf13/cobra"

	"github.com/airway-net/airway/interop-tests/go-peer/decode"
)

// newDecode is the other half of the differential test, which runs it.
func newDecode() *cobra.Command {
	return &cobra.Command{
		Use:    "decode",
		Short:  "Answer which bytes each decoder takes: requests on stdin, answers on stdout",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(c *cobra.Command, _ []string) error {
			return decode.Serve(c.InOrStdin(), c.OutOrStdout())
		},
	}
}
