package agent

import (
	"errors"
	"strings"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

func TestAnEphemeralMemberLeavesWhenItEnds(t *testing.T) {
	founder := newRust(t, "founder")
	founder.do("network", "create", "lab")
	invite := founder.do("invite", "--reusable", "--ephemeral")
	a := joined(t, "worker", invite, Config{})
	eventually(t, "the founder finds it", func() bool {
		_, err := founder.try("find", "worker", "--json")
		return err == nil
	})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its name is free", func() bool {
		other := newAgent(t, Config{Name: "worker"})
		defer other.Close()
		_, err := other.Join(soon(t), invite)
		return err == nil
	})
}

func TestARustInviterRenewsAndRenamesGoMembers(t *testing.T) {
	founder := newRust(t, "founder")
	founder.do("network", "create", "lab")
	invite := founder.do("invite", "--uses", "1")
	a := joined(t, "before", invite, Config{})
	late := newAgent(t, Config{Name: "late"})
	if _, err := late.Join(soon(t), invite); !errors.Is(err, mesh.RefusedExhausted) {
		t.Errorf("an invite that was used up: %v", err)
	}
	if err := a.SetName(soon(t), "founder"); !errors.Is(err, mesh.RefusedNameTaken) || a.Name() != "before" {
		t.Errorf("the name of another: %v", err)
	}
	if err := a.SetName(soon(t), "after"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the founder finds it by its new name alone", func() bool {
		out, err := founder.try("find", "after", "--json")
		_, former := founder.try("find", "before", "--json")
		return err == nil && strings.Contains(out, a.Endpoint().String()) && former != nil
	})
	if err := a.SetName(soon(t), ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it has no name any more, and is found by its address", func() bool {
		_, former := founder.try("find", "after", "--json")
		_, err := founder.try("find", a.Endpoint().String(), "--json")
		return err == nil && former != nil
	})
}

func TestAGoMemberSurvivesTheRestartOfItsFounderAndItsOwn(t *testing.T) {
	founder := newRust(t, "founder")
	founder.do("network", "create", "lab")
	home := t.TempDir()
	a := joined(t, "lasting", founder.do("invite"), Config{Home: home})
	finds(t, a, "founder")
	founder.do("down")
	founder.do("up", "--detach", "--name", "founder", "--listen", "/ip4/127.0.0.1/udp/0/quic-v1", "--listen", "/ip4/127.0.0.1/tcp/0")
	eventually(t, "the founder finds it again", func() bool {
		_, err := founder.try("find", "lasting", "--json")
		return err == nil
	})
	endpoint := a.Endpoint()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	back := newAgent(t, Config{Home: home})
	if back.Endpoint().String() != endpoint.String() {
		t.Errorf("it is %v", back.Endpoint())
	}
	if found := finds(t, back, "founder"); !found.Certified {
		t.Errorf("found %+v", found)
	}
}
