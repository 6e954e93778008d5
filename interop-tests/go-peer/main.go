// Command go-peer is an Airway agent on go-libp2p: for its owner, and for programs that test agents against each other.
//
//	go-peer up --name alice          run an agent; the other commands speak with it
//	go-peer peer --name alice        the same for a program: requests on stdin, answers on stdout
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/airway-net/airway/interop-tests/go-peer/control"
)

// homeVariable names the home of the agent, unless a flag does.
const homeVariable = "AIRWAY_GO_HOME"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newRoot().ExecuteContext(ctx); err != nil {
		report(err)
		os.Exit(1)
	}
}

// report says what is wrong, and what to do next if that is known.
func report(err error) {
	if errors.Is(err, errReported) {
		return
	}
	fmt.Fprintln(os.Stderr, "error:", err)
	var refused *control.RefusedError
	if errors.As(err, &refused) && refused.Hint != "" {
		fmt.Fprintln(os.Stderr, "hint:", refused.Hint)
	}
	if errors.Is(err, control.ErrNotRunning) {
		fmt.Fprintln(os.Stderr, "hint: start one with `go-peer up`, or name its home with --home")
	}
}

// errReported is an error that whom it concerns has heard already.
var errReported = errors.New("reported")

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "go-peer",
		Short:         "An Airway agent on go-libp2p",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	var person person
	root.PersistentFlags().StringVar(&person.home, "home", "", "directory of the agent (default $"+homeVariable+", or ~/.local/share/airway-go)")
	root.PersistentFlags().BoolVar(&person.json, "json", false, "print answers as JSON, one object a line")
	root.AddCommand(newPeer(&person), newUp(&person), newDecode())
	root.AddCommand(trustCommands(&person)...)
	root.AddCommand(streamCommands(&person)...)
	root.AddCommand(dataCommands(&person)...)
	root.AddCommand(meshCommands(&person)...)
	return root
}

// directory is the home of the agent that the person means.
func (p *person) directory() (string, error) {
	if p.home != "" {
		return p.home, nil
	}
	if home := os.Getenv(homeVariable); home != "" {
		return home, nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no home: name one with --home: %w", err)
	}
	return filepath.Join(user, ".local", "share", "airway-go"), nil
}
