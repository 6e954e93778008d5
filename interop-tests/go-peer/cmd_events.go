package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/airway-net/airway/interop-tests/go-peer/control"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// followWait is how long a command waits for the next event before it asks again, in milliseconds.
const followWait = 30_000

func eventCommands(p *person) []*cobra.Command {
	return []*cobra.Command{
		newPublish(p), newSubscribe(p), newScope(p),
		command(p, "gossip", "gossip", "List the members that speak gossip with us", cobra.NoArgs, named(), printGossip),
	}
}

func newPublish(p *person) *cobra.Command {
	var to string
	var mesh bool
	c := command(p, "publish", "publish <topic> <text>", "Publish an event at our broker, a contact's, or in our network",
		cobra.ExactArgs(2), func(args []string) (map[string]any, error) {
			arguments, err := named("topic", "text")(args)
			if err == nil {
				arguments["to"], arguments["mesh"] = to, mesh
			}
			return arguments, err
		}, printPublished)
	c.Flags().StringVar(&to, "to", "", "at the broker of this contact")
	c.Flags().BoolVar(&mesh, "mesh", false, "to all members of our network who listen")
	c.MarkFlagsMutuallyExclusive("to", "mesh")
	return c
}

func printPublished(w io.Writer, answer struct {
	Position string
	Peers    *int
}) error {
	reached := ""
	if answer.Peers != nil {
		reached = fmt.Sprintf(", sent to %d neighbours", *answer.Peers)
	}
	_, err := fmt.Fprintf(w, "published: %s%s\n", answer.Position, reached)
	return err
}

// newScope says what a contact may publish and hear. Nothing given is nothing allowed.
func newScope(p *person) *cobra.Command {
	var publish, subscribe []string
	c := command(p, "scope", "scope <who>", "Say which topics a contact may publish here and subscribe to; none that is not named",
		cobra.ExactArgs(1), func(args []string) (map[string]any, error) {
			return map[string]any{"who": args[0], "publish": publish, "subscribe": subscribe}, nil
		}, done("the contact may do that and no more"))
	c.Flags().StringSliceVar(&publish, "publish", nil, "patterns of topics that it may publish")
	c.Flags().StringSliceVar(&subscribe, "subscribe", nil, "patterns of topics that it may hear")
	return c
}

// listening are the flags of a subscription.
type listening struct {
	from, since string
	mesh        bool
	count       int
}

func newSubscribe(p *person) *cobra.Command {
	var l listening
	c := &cobra.Command{
		Use:   "subscribe <pattern>...",
		Short: "Print events as they come, until it is interrupted",
		Long: "Print events as they come, until it is interrupted. A * stands for one segment of a topic, ** for all that follow,\n" +
			"and a lone * for every topic: quote them.",
		Example: "  go-peer subscribe 'builds/**' --from ci --since 10m",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return p.listen(c, args, l) },
	}
	c.Flags().StringVar(&l.from, "from", "", "from the broker of this contact; from our own if not given")
	c.Flags().BoolVar(&l.mesh, "mesh", false, "from all members of our network")
	c.Flags().StringVar(&l.since, "since", "now", "now, start, how long ago (10m), or a position (17.1042)")
	c.Flags().IntVar(&l.count, "count", 0, "end after so many events")
	c.MarkFlagsMutuallyExclusive("from", "mesh")
	return c
}

// eventLine is an event.
type eventLine struct {
	Topic, Publisher, Position, Text string
}

// heardLines is what a subscription has brought.
type heardLines struct {
	Events []json.RawMessage
	Gaps   []json.RawMessage
	Ended  *string
}

// listen subscribes, and asks for more on the same connection: the subscription ends with it.
func (p *person) listen(c *cobra.Command, patterns []string, l listening) error {
	home, err := p.directory()
	if err != nil {
		return err
	}
	client, err := control.Dial(c.Context(), home)
	if err != nil {
		return err
	}
	defer client.Close()
	var asked struct{ Subscription int }
	line, err := client.Do(c.Context(), "subscribe", map[string]any{
		"patterns": patterns, "from": l.from, "mesh": l.mesh, "since": l.since,
	})
	if err == nil {
		err = json.Unmarshal(line, &asked)
	}
	for events, gaps := 0, 0; err == nil && (l.count == 0 || events < l.count); {
		var heard heardLines
		line, err = client.Do(c.Context(), "events", map[string]any{
			"subscription": asked.Subscription, "skip": events, "wait": followWait,
		})
		if err == nil {
			err = json.Unmarshal(line, &heard)
		}
		if err != nil {
			break
		}
		if l.count > 0 {
			heard.Events = heard.Events[:min(len(heard.Events), l.count-events)]
		}
		events += len(heard.Events)
		err = p.printHeard(os.Stdout, heard.Gaps[min(gaps, len(heard.Gaps)):], heard.Events)
		gaps = len(heard.Gaps)
		if err == nil && heard.Ended != nil {
			err = fmt.Errorf("the subscription is over: %s", *heard.Ended)
		}
	}
	if c.Context().Err() != nil {
		// Whoever interrupts it has heard enough.
		return nil
	}
	return err
}

func (p *person) printHeard(w io.Writer, gaps, events []json.RawMessage) error {
	for _, line := range gaps {
		if err := printGap(w, line, p.json); err != nil {
			return err
		}
	}
	for _, line := range events {
		if p.json {
			if _, err := fmt.Fprintf(w, "%s\n", line); err != nil {
				return err
			}
			continue
		}
		var e eventLine
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s  %s  %s  %s\n", e.Position, id.Clean(e.Topic), e.Publisher, id.Clean(e.Text)); err != nil {
			return err
		}
	}
	return nil
}

func printGap(w io.Writer, line json.RawMessage, isJSON bool) error {
	if isJSON {
		_, err := fmt.Fprintf(w, `{"gap":%s}`+"\n", line)
		return err
	}
	var gap struct{ After, Next, Reason string }
	if err := json.Unmarshal(line, &gap); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "something is missing between %s and %s: %s\n", gap.After, gap.Next, gap.Reason)
	return err
}

func printGossip(w io.Writer, answer struct {
	Joined bool
	Peers  []struct {
		Peer         string
		Joined, Mesh bool
		Score        float64
	}
}) error {
	if !answer.Joined {
		if _, err := fmt.Fprintln(w, "this agent hears nothing: see `subscribe --mesh`"); err != nil {
			return err
		}
	}
	var rows [][]string
	for _, p := range answer.Peers {
		rows = append(rows, []string{
			p.Peer, strconv.FormatBool(p.Joined), strconv.FormatBool(p.Mesh), strconv.FormatFloat(p.Score, 'f', 1, 64),
		})
	}
	return table(w, "nobody speaks gossip with us", []string{"PEER", "LISTENS", "NEIGHBOUR", "SCORE"}, rows)
}
