package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// somebody is one of several in an answer. Name and text may be a stranger's words.
type somebody struct {
	Who   string `json:"who"`
	Name  string `json:"name"`
	Text  string `json:"text"`
	State string `json:"state"`
}

func trustCommands(p *person) []*cobra.Command {
	one := cobra.ExactArgs(1)
	knock := command(p, "knock", "knock <card> [why]", "Ask the owner of a card to trust us", cobra.RangeArgs(1, 2),
		named("card", "text"), done("asked: its owner has to approve"))
	knock.Aliases = []string{"trust"}
	return []*cobra.Command{
		command(p, "card", "card", "Print the card to hand out", cobra.NoArgs, named(), printCard),
		command(p, "ticket", "ticket", "Print a ticket: whoever uses it first is trusted", cobra.NoArgs, named(), printTicket),
		command(p, "pair", "pair <ticket>", "Use a ticket; - reads it from stdin", one, named("ticket"), printPaired),
		knock,
		command(p, "requests", "requests", "List who asks to be trusted", cobra.NoArgs, named(), printRequests),
		command(p, "approve", "approve <who>", "Trust an agent that has asked", one, named("who"), done("trusted")),
		command(p, "reject", "reject <who> [why]", "Turn a request down; with a reason, the other is told", cobra.RangeArgs(1, 2),
			named("who", "text"), done("rejected")),
		command(p, "contacts", "contacts", "List whom we trust, and whom we have asked", cobra.NoArgs, named(), printContacts),
		command(p, "untrust", "untrust <who> [why]", "End trust at once, or take a request back", cobra.RangeArgs(1, 2),
			named("who", "text"), done("not trusted any more")),
		command(p, "block", "block <who>", "Hear nothing of an agent any more", one, named("who"), done("blocked")),
		command(p, "unblock", "unblock <who>", "Hear of an agent again", one, named("who"), done("not blocked any more")),
	}
}

func printCard(w io.Writer, answer struct{ Card string }) error {
	_, err := fmt.Fprintln(w, answer.Card)
	return err
}

func printTicket(w io.Writer, answer struct{ Ticket string }) error {
	_, err := fmt.Fprintln(w, answer.Ticket)
	return err
}

func printPaired(w io.Writer, answer somebody) error {
	_, err := fmt.Fprintf(w, "now trusting %s\n", answer.Who)
	return err
}

func printRequests(w io.Writer, answer struct{ Requests []somebody }) error {
	var rows [][]string
	for _, r := range answer.Requests {
		rows = append(rows, []string{r.Who, id.Clean(r.Name), fmt.Sprintf("%q", id.Clean(r.Text))})
	}
	return table(w, "nobody asks", []string{"WHO", "CALLS ITSELF", "ITS WORDS"}, rows)
}

func printContacts(w io.Writer, answer struct{ Contacts []somebody }) error {
	var rows [][]string
	for _, c := range answer.Contacts {
		rows = append(rows, []string{c.Name, c.Who, c.State})
	}
	return table(w, "no contacts: see `ticket`, `pair` and `knock`", []string{"NAME", "WHO", "STATE"}, rows)
}
