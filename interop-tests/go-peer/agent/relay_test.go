package agent

import (
	"slices"
	"testing"
	"time"

	ma "github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// behindRelay is the card of an agent with its addresses through relays alone, as if nobody could dial it.
func behindRelay(t *testing.T, a *Agent) *card.Card {
	t.Helper()
	addresses := slices.DeleteFunc(a.addresses(), func(address ma.Multiaddr) bool { return !isRelayed(address) })
	me := a.whoAmI()
	contact, err := card.Sign(a.key, me.address.Network, me.nonce, me.name, addresses)
	if err != nil {
		t.Fatal(err)
	}
	return contact
}

// speakThroughRelay has one agent ask for another's trust through a relay, and speak with it.
func speakThroughRelay(t *testing.T, from, to *Agent) {
	t.Helper()
	eventually(t, "it has a reservation", func() bool { return len(to.Relays()) == 1 })
	contact := behindRelay(t, to)
	if len(contact.Addresses()) == 0 {
		t.Fatal("the card has no address through the relay")
	}
	if err := from.Knock(soon(t), contact, "through a relay"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the request arrives", func() bool { return len(to.Requests()) == 1 })
	if _, err := to.Approve(soon(t), from.Endpoint().String(), nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "they speak through the relay", func() bool {
		pong, err := from.Ping(soon(t), to.PeerID())
		return err == nil && pong.Relayed
	})
}

func TestAgentsSpeakThroughAGoRelay(t *testing.T) {
	relay := newAgent(t, Config{RelayServer: true})
	own, err := relay.Card()
	if err != nil {
		t.Fatal(err)
	}
	to := newAgent(t, Config{Relays: []*card.Card{own}})
	speakThroughRelay(t, newAgent(t, Config{}), to)
}

func TestAgentsSpeakThroughARustRelay(t *testing.T) {
	relay := newRust(t, "hub", "--relay-server")
	own, err := card.Parse(relay.do("card"))
	if err != nil {
		t.Fatal(err)
	}
	to := newAgent(t, Config{Relays: []*card.Card{own}})
	speakThroughRelay(t, newAgent(t, Config{}), to)
}

func TestAMemberThatRelaysIsARelayOfTheOthers(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	f.config.RelayServer = true
	if err := f.serveRelay(); err != nil {
		t.Fatal(err)
	}
	a := f.member("behind", Config{})
	eventually(t, "it has a reservation", func() bool { return len(a.Relays()) == 1 && a.Relays()[0] == f.PeerID() })
	eventually(t, "others find it there", func() bool {
		found, err := f.Find(soon(t), "behind")
		return err == nil && slices.ContainsFunc(found.Card.Addresses(), isRelayed)
	})
}

func TestARustAgentIsReachedThroughAGoRelay(t *testing.T) {
	relay := newAgent(t, Config{RelayServer: true})
	own, err := relay.Card()
	if err != nil {
		t.Fatal(err)
	}
	rust := newRust(t, "behind", "--relay", own.String())
	var contact *card.Card
	eventually(t, "its card leads through the relay", func() bool {
		contact, err = card.Parse(rust.do("card"))
		return err == nil && slices.ContainsFunc(contact.Addresses(), isRelayed)
	})
	a := newAgent(t, Config{Name: "caller"})
	circuits := slices.DeleteFunc(contact.Addresses(), func(address ma.Multiaddr) bool { return !isRelayed(address) })
	a.know(contact.PeerID(), circuits)
	if err := a.Connect(soon(t), contact.PeerID()); err != nil {
		t.Fatal(err)
	}
	if paths := a.Paths(contact.PeerID()); len(paths) == 0 || !paths[0].Relayed {
		t.Errorf("paths %+v", paths)
	}
}

func TestAGoMemberRelaysForRustMembers(t *testing.T) {
	founder := newRust(t, "founder")
	founder.do("network", "create", "lab")
	hub := joined(t, "hub", founder.do("invite", "--role", "relay"), Config{RelayServer: true})
	member := newRust(t, "worker")
	member.do("join", founder.do("invite"))
	eventually(t, "the member has a reservation with the hub", func() bool {
		contact, err := card.Parse(member.do("card"))
		return err == nil && slices.ContainsFunc(contact.Addresses(), func(address ma.Multiaddr) bool {
			relay, err := address.ValueForProtocol(ma.P_P2P)
			return err == nil && isRelayed(address) && relay == hub.PeerID().String()
		})
	})
}
