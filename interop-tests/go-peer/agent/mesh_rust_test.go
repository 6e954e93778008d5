package agent

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// joined starts an agent that joins by an invite.
func joined(t *testing.T, name, invite string, config Config) *Agent {
	t.Helper()
	config.Name = name
	a := newAgent(t, config)
	if _, err := a.Join(soon(t), invite); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return a
}

func TestAGoAgentJoinsARustNetworkOverEveryTransport(t *testing.T) {
	founder := newRust(t, "founder")
	founder.do("network", "create", "lab")
	invite := founder.do("invite", "--reusable")
	for _, transport := range []Transport{QUIC, TCPTLS, TCPNoise} {
		t.Run(string(transport), func(t *testing.T) {
			a := joined(t, "go-"+string(transport), invite, Config{Transport: transport})
			eventually(t, "it has met the founder", func() bool {
				members, err := a.Members()
				return err == nil && len(members) >= 2
			})
			eventually(t, "it finds the founder", func() bool {
				found, err := a.Find(soon(t), "founder")
				return err == nil && found.Certified && found.Name == "founder"
			})
			eventually(t, "the founder finds it", func() bool {
				out, err := founder.try("find", "go-"+string(transport), "--json")
				return err == nil && strings.Contains(out, a.Endpoint().String())
			})
		})
	}
}

func TestRustAgentsFindEachOtherInADHTThatGoAgentsServe(t *testing.T) {
	founder := newRust(t, "founder", "--dht", "client")
	founder.do("network", "create", "lab")
	invite := founder.do("invite", "--reusable")
	for n := range 2 {
		server := joined(t, fmt.Sprint("go-", n), invite, Config{DHT: DHTServer})
		eventually(t, "it has met the founder", func() bool { return len(server.membership.members.list()) > 0 })
	}
	var rust []*rustAgent
	for n := range 2 {
		r := newRust(t, fmt.Sprint("rust-", n), "--dht", "client")
		r.do("join", invite)
		rust = append(rust, r)
	}
	rust[0].do("me", "set", "tags", "ocr")
	rust[1].do("me", "set", "tags", "ocr")
	eventually(t, "one finds the other by its name", func() bool {
		out, err := rust[0].try("find", "rust-1", "--json")
		return err == nil && strings.Contains(out, "rust-1")
	})
	eventually(t, "the founder finds both by their tag", func() bool {
		out, err := founder.try("find", "--tag", "ocr", "--json")
		return err == nil && strings.Contains(out, "rust-0") && strings.Contains(out, "rust-1")
	})
	rust[1].do("me", "set", "name", "renamed")
	eventually(t, "the former name is nobody's", func() bool {
		_, err := rust[0].try("find", "rust-1", "--json")
		_, found := rust[0].try("find", "renamed", "--json")
		return err != nil && found == nil
	})
}

// ofEach is how many agents of each implementation are in a mixed network: few, unless AIRWAY_TEST_SIZE is full.
func ofEach() int {
	if os.Getenv("AIRWAY_TEST_SIZE") == "full" {
		return 10
	}
	return 3
}

func TestAMixedNetworkFindsEachOtherAndCutsWhoIsExpelled(t *testing.T) {
	founder := newRust(t, "rust-0")
	founder.do("network", "create", "lab")
	invite := founder.do("invite", "--reusable")
	rust := []*rustAgent{founder}
	for n := 1; n < ofEach(); n++ {
		r := newRust(t, fmt.Sprint("rust-", n))
		r.do("join", invite)
		rust = append(rust, r)
	}
	var golang []*Agent
	for n := range ofEach() {
		golang = append(golang, joined(t, fmt.Sprint("go-", n), invite, Config{}))
	}
	for n := range ofEach() {
		allFind(t, fmt.Sprint("rust-", n), rust, golang)
		allFind(t, fmt.Sprint("go-", n), rust, golang)
	}
	findsByTag(t, rust[1], golang)
	expels(t, founder, rust, golang)
}

// allFind waits until everybody finds somebody by its name.
func allFind(t *testing.T, name string, rust []*rustAgent, golang []*Agent) {
	t.Helper()
	for from, a := range golang {
		eventually(t, fmt.Sprintf("go-%d finds %s", from, name), func() bool {
			found, err := a.Find(soon(t), name)
			return err == nil && string(found.Name) == name
		})
	}
	for from, r := range rust {
		eventually(t, fmt.Sprintf("rust-%d finds %s", from, name), func() bool {
			out, err := r.try("find", name, "--json")
			return err == nil && strings.Contains(out, name)
		})
	}
}

func findsByTag(t *testing.T, r *rustAgent, golang []*Agent) {
	t.Helper()
	if err := golang[0].SetTags([]id.Tag{"ocr", "pdf"}); err != nil {
		t.Fatal(err)
	}
	r.do("me", "set", "tags", "ocr")
	eventually(t, "a Rust agent finds the Go agent by its tag", func() bool {
		out, err := r.try("find", "--tag", "pdf", "--json")
		return err == nil && strings.Contains(out, golang[0].Endpoint().String())
	})
	eventually(t, "a Go agent finds both by their tag", func() bool {
		found, err := golang[1].FindTag(soon(t), "ocr")
		return err == nil && len(found) == 2
	})
}

func expels(t *testing.T, founder *rustAgent, rust []*rustAgent, golang []*Agent) {
	t.Helper()
	expelled, others := golang[2], slices.Concat(golang[:2], golang[3:])
	founder.do("network", "expel", "go-2")
	eventually(t, "the expelled agent knows it", func() bool {
		network, err := expelled.Network()
		return err == nil && errors.Is(network.Standing, mesh.Expelled)
	})
	eventually(t, "it has no connection any more", func() bool { return len(expelled.Host().Network().Conns()) == 0 })
	for _, a := range others {
		eventually(t, "the other Go agents have cut it", func() bool {
			return !a.membership.members.contains(expelled.PeerID()) && len(a.Host().Network().ConnsToPeer(expelled.PeerID())) == 0
		})
		eventually(t, "nobody finds it", func() bool {
			_, err := a.Find(soon(t), "go-2")
			return errors.Is(err, ErrNotFound)
		})
	}
	for _, r := range rust {
		eventually(t, "no Rust agent finds it", func() bool {
			_, err := r.try("find", "go-2", "--json")
			return err != nil
		})
	}
	if _, err := expelled.Find(soon(t), "go-0"); err == nil {
		t.Error("who was expelled still finds others")
	}
}

func TestMembersOfATrustingNetworkSpeakAcrossImplementations(t *testing.T) {
	founder := newRust(t, "founder")
	founder.do("network", "create", "fleet", "--trust-members")
	invite := founder.do("invite", "--reusable")
	one, two := joined(t, "go-1", invite, Config{}), joined(t, "go-2", invite, Config{})
	eventually(t, "a Go agent's first word makes the Rust agent a contact", func() bool {
		p, err := one.Resolve(soon(t), "founder")
		if err != nil {
			return false
		}
		_, err = one.Echo(soon(t), p, 100_000)
		return err == nil
	})
	eventually(t, "a Rust agent's first word makes the Go agent a contact", func() bool {
		out, err := founder.try("ping", "go-2", "--count", "1")
		return err == nil && strings.Contains(out, "seq 1")
	})
	if contacts := two.Contacts(); len(contacts) != 1 || contacts[0].Name != "founder" {
		t.Errorf("contacts %v", contacts)
	}
	founder.do("network", "expel", "go-1")
	eventually(t, "who was expelled is trusted no more", func() bool {
		_, err := founder.try("ping", "go-1", "--count", "1")
		return err != nil
	})
}
