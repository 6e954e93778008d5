// Command go-peer is an Airway agent on go-libp2p: for its owner, and for programs that test agents against each other.
//
//	go-peer up --name alice          run an agent; the other commands speak with it
//	go-peer peer --name alice        the same for a program: requests on stdin, answers on stdout
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/airway-net/airway/interop-tests/go-peer/control"
)

// homeVariable names the home of the agent, unless a flag does.
const homeVariable = "AIRWAY_GO_HOME"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := new(person)
	if err := newRoot(p).ExecuteContext(ctx); err != nil {
		p.report(err)
		os.Exit(1)
	}
}

// report says what is wrong, and what to do next if that is known.
func (p *person) report(err error) {
	if errors.Is(err, errReported) {
		return
	}
	if p.json {
		_ = json.NewEncoder(os.Stdout).Encode(control.Failed(err))
		return
	}
	fmt.Fprintln(os.Stderr, "error:", err)
	hint := control.Hint(err)
	if strings.HasPrefix(err.Error(), "unknown command") {
		hint = "`go-peer help` lists the commands"
	}
	if hint != "" {
		fmt.Fprintln(os.Stderr, "hint:", hint)
	}
}

// errReported is an error that whom it concerns has heard already.
var errReported = errors.New("reported")

func newRoot(p *person) *cobra.Command {
	root := &cobra.Command{
		Use:           "go-peer",
		Short:         "An Airway agent on go-libp2p",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().StringVar(&p.home, "home", "", "directory of the agent (default $"+homeVariable+", or ~/.local/share/airway-go)")
	root.PersistentFlags().BoolVar(&p.json, "json", false, "print answers as JSON, one object a line")
	root.AddCommand(newPeer(p), newUp(p), newDecode())
	root.AddCommand(trustCommands(p)...)
	root.AddCommand(streamCommands(p)...)
	root.AddCommand(dataCommands(p)...)
	root.AddCommand(meshCommands(p)...)
	root.AddCommand(eventCommands(p)...)
	root.AddCommand(taskCommands(p)...)
	root.AddCommand(poloCommands(p)...)
	return root
}

// directory is the home of the agent that the person means.
func (p *person) directory() (string, error) {
	for _, home := range []string{p.home, os.Getenv(homeVariable)} {
		if home != "" {
			// The agent and its commands may run in different directories.
			return filepath.Abs(home)
		}
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no home: name one with --home: %w", err)
	}
	return filepath.Join(user, ".local", "share", "airway-go"), nil
}
