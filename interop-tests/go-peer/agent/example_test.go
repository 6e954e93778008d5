package agent_test

import (
	"bufio"
	"context"
	"fmt"
	"log"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
)

// An agent that serves a port, and one that is let in by a ticket and calls it.
func Example() {
	ctx := context.Background()
	start := func(name string) *agent.Agent {
		listen, err := agent.QUIC.Listeners("127.0.0.1")
		if err != nil {
			log.Fatal(err)
		}
		a, err := agent.Start(ctx, agent.Config{Name: name, Transport: agent.QUIC, Listen: listen})
		if err != nil {
			log.Fatal(err)
		}
		return a
	}
	alice, bob := start("alice"), start("bob")
	defer alice.Close()
	defer bob.Close()

	// Alice greets whoever opens port 5000. To whom she does not trust there is no such port.
	err := alice.Listen(5000, func(s *agent.Stream) {
		name, _ := bufio.NewReader(s).ReadString('\n')
		fmt.Fprintf(s, "hello %s", name)
	})
	if err != nil {
		log.Fatal(err)
	}

	// A ticket, handed over where nobody else reads it, makes the two contacts.
	ticket, err := alice.Ticket(agent.TicketLife, nil)
	if err != nil {
		log.Fatal(err)
	}
	contact, err := bob.Pair(ctx, ticket)
	if err != nil {
		log.Fatal(err)
	}

	s, err := bob.Open(ctx, contact.Peer, "/airway/port/5000/1.0.0")
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	fmt.Fprintln(s, "bob")
	answer, _ := bufio.NewReader(s).ReadString('\n')
	fmt.Print(answer)
	// Output: hello bob
}
