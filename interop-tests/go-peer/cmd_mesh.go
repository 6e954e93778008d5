package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

func meshCommands(p *person) []*cobra.Command {
	one := cobra.ExactArgs(1)
	return []*cobra.Command{
		command(p, "join", "join <invite>", "Become a member of a network; - reads the invite from stdin", one,
			named("invite"), printJoined),
		command(p, "leave", "leave", "Go back to the backbone", cobra.NoArgs, named(), done("left the network")),
		command(p, "members", "members", "List who belongs to our network, as far as is known here", cobra.NoArgs, named(), printMembers),
		command(p, "find", "find <name or address>", "Look somebody up in our network", one, named("who"), printFound),
		command(p, "find_tag", "find-tag <tag>", "Look up who can do something", one, named("tag"), printTagged),
		newSet(p),
		command(p, "status", "status", "Say how the agent is", cobra.NoArgs, named(), printStatus),
	}
}

func printJoined(w io.Writer, answer struct{ Network, Endpoint string }) error {
	_, err := fmt.Fprintf(w, "joined %s: this agent is %s\n", answer.Network, answer.Endpoint)
	return err
}

func printMembers(w io.Writer, answer struct{ Members []somebody }) error {
	var rows [][]string
	for _, m := range answer.Members {
		rows = append(rows, []string{m.Name, m.Who})
	}
	return table(w, "no members are known", []string{"NAME", "WHO"}, rows)
}

// foundLine is an agent that was found.
type foundLine struct {
	Who, Name, Layer string
	Addresses        []string
}

func printFound(w io.Writer, f foundLine) error {
	_, err := fmt.Fprintf(w, "%s  %s  known by %s\n%s\n", f.Name, f.Who, f.Layer, strings.Join(f.Addresses, "\n"))
	return err
}

func printTagged(w io.Writer, answer struct{ Found []foundLine }) error {
	var rows [][]string
	for _, f := range answer.Found {
		rows = append(rows, []string{f.Name, f.Who, f.Layer})
	}
	return table(w, "nobody was found", []string{"NAME", "WHO", "KNOWN BY"}, rows)
}

// statusLines is how an agent is.
type statusLines struct {
	Peer, Endpoint, Name, Network, Standing string
	Serves                                  bool
	Servers, Published, Connections, Peers  int
	Reachable                               *bool
	Relays                                  []string
}

func printStatus(w io.Writer, s statusLines) error {
	said := func(text, nothing string) string {
		if text == "" {
			return nothing
		}
		return text
	}
	reachable := "unknown"
	if s.Reachable != nil && *s.Reachable {
		reachable = "yes: somebody has come straight to us"
	}
	lines := [][]string{
		{"endpoint", s.Endpoint}, {"name", said(s.Name, "none")}, {"peer id", s.Peer},
		{"reachable", reachable}, {"relays", said(strings.Join(s.Relays, " "), "none")},
		{"connections", fmt.Sprintf("%d, to %d peers", s.Connections, s.Peers)},
	}
	if s.Network == "" {
		lines = append(lines, []string{"network", "none: see `join`"})
	} else {
		part := "client"
		if s.Serves {
			part = "server"
		}
		lines = append(lines, []string{"network", s.Network + ", " + s.Standing},
			[]string{"directory", fmt.Sprintf("%s; %d servers known, %d have our claim", part, s.Servers, s.Published)})
	}
	return table(w, "", lines[0], lines[1:])
}

// newSet sets what others find of us; what is not named stays as it is.
func newSet(p *person) *cobra.Command {
	var name, visibility string
	var tags []string
	c := &cobra.Command{
		Use: "set", Short: "Set our name, our tags, and who may find us", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			arguments := make(map[string]any)
			for flag, value := range map[string]any{"name": name, "tags": tags, "visibility": visibility} {
				if c.Flags().Changed(flag) {
					arguments[flag] = value
				}
			}
			if len(arguments) == 0 {
				return fmt.Errorf("nothing to set: give --name, --tags or --visibility")
			}
			line, err := p.ask(c.Context(), "set", arguments)
			if err != nil {
				return err
			}
			return show(p, line, done("set"))
		},
	}
	c.Flags().StringVar(&name, "name", "", "what others see on our card")
	c.Flags().StringSliceVar(&tags, "tags", nil, "what we can do: up to three words")
	c.Flags().StringVar(&visibility, "visibility", "", "found by nobody (hidden), by address (listed), or by name and tags, too (public)")
	_ = c.RegisterFlagCompletionFunc("visibility",
		cobra.FixedCompletions([]string{"hidden", "listed", "public"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}
