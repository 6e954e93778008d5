package agent

import (
	"testing"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

func TestACertificateThatIsDueAtOnceIsNotAskedForWithoutEnd(t *testing.T) {
	f := found(t, mesh.Policy{}, 10*time.Minute)
	f.age = time.Hour
	f.member("ada", Config{})
	issued := func() int {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.issued
	}
	eventually(t, "the certificate is renewed", func() bool { return issued() >= 2 })
	began := time.Now()
	eventually(t, "it is renewed again", func() bool { return issued() >= 4 })
	if took := time.Since(began); took < renewRetry {
		t.Fatalf("it was renewed twice within %v", took)
	}
}

func TestAnExpulsionThatCameJustBeforeTheEndEndsTrustAtTheNextStart(t *testing.T) {
	f := found(t, mesh.Policy{TrustMembers: true}, time.Hour)
	home := t.TempDir()
	a, b := f.member("ada", Config{Home: home}), f.member("bob", Config{})
	pair(t, b, a)
	list, err := mesh.SignRevocations(mesh.RealmOf(f.genesis), f.authority, 1, unixMilli(), []id.AgentID{b.ID()})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.home.storeMembership(a.membership.current(), list); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	again := newAgent(t, Config{Home: home})
	if trusts(again, b) {
		t.Fatal("one who was expelled is still trusted")
	}
}
