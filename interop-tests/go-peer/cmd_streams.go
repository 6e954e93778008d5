package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"
)

// measured is what a round trip or a transfer has come to.
type measured struct {
	Bytes     int64  `json:"bytes"`
	Micros    int64  `json:"micros"`
	Relayed   bool   `json:"relayed"`
	SHA256    string `json:"sha256"`
	Transport string `json:"transport"`
	Security  string `json:"security"`
}

func streamCommands(p *person) []*cobra.Command {
	one := cobra.ExactArgs(1)
	return []*cobra.Command{
		command(p, "ping", "ping <who>", "Measure a round trip", one, named("who"), printPing),
		command(p, "path", "path <who>", "Say how a peer is connected", one, named("who"), printPath),
		command(p, "echo", "echo <who> <bytes>", "Send bytes to port 7 and compare what comes back", cobra.ExactArgs(2),
			numbered("who", "bytes"), printEcho),
		command(p, "serve", "serve <port>", "Answer each stream to a port with how much came, and its SHA-256", one,
			numbered("port"), done("served until the agent ends")),
		command(p, "call", "call <who> <port> <bytes>", "Send bytes to a port that is served, and check the answer",
			cobra.ExactArgs(3), numbered("who", "port", "bytes"), printCall),
		command(p, "disconnect", "disconnect <who>", "Close the connections to a peer", one, named("who"), done("closed")),
	}
}

// numbered takes each argument by its name; all but who are numbers.
func numbered(names ...string) func([]string) (map[string]any, error) {
	return func(args []string) (map[string]any, error) {
		arguments := make(map[string]any)
		for i, arg := range args {
			if names[i] == "who" {
				arguments[names[i]] = arg
				continue
			}
			number, err := strconv.ParseUint(arg, 10, 63)
			if err != nil {
				return nil, fmt.Errorf("%s: %q is no number", names[i], arg)
			}
			arguments[names[i]] = number
		}
		return arguments, nil
	}
}

func printPing(w io.Writer, m measured) error {
	way := "direct"
	if m.Relayed {
		way = "relayed"
	}
	_, err := fmt.Fprintf(w, "%.3f ms, %s\n", float64(m.Micros)/1000, way)
	return err
}

func printPath(w io.Writer, m measured) error {
	_, err := fmt.Fprintf(w, "%s, secured by %s\n", m.Transport, m.Security)
	return err
}

func printEcho(w io.Writer, m measured) error {
	_, err := fmt.Fprintf(w, "%d bytes came back after %.3f ms\n", m.Bytes, float64(m.Micros)/1000)
	return err
}

func printCall(w io.Writer, m measured) error {
	_, err := fmt.Fprintf(w, "%d bytes have arrived, SHA-256 %s\n", m.Bytes, m.SHA256)
	return err
}
