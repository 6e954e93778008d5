// Command decode answers which bytes each decoder of this module takes: the other half of the differential test, which
// runs it. See [decode.Serve] for what it reads from stdin and writes to stdout.
package main

import (
	"fmt"
	"os"

	"github.com/airway-net/airway/interop-tests/go-peer/decode"
)

func main() {
	if err := decode.Serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "decode:", err)
		os.Exit(1)
	}
}
