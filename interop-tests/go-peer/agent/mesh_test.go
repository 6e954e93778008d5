package agent

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

func TestMembersFindEachOtherByNameAddressAndTag(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	var all []*Agent
	for n := range 4 {
		all = append(all, f.member(fmt.Sprint("go-", n), Config{}))
	}
	if err := all[1].SetTags([]id.Tag{"ocr"}); err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		for _, b := range append(all, f.Agent) {
			byName := finds(t, a, string(b.Name()))
			byAddress := finds(t, a, b.Endpoint().Address.String())
			if byName.Peer != b.PeerID() || byAddress.Peer != b.PeerID() || !byName.Certified {
				t.Errorf("%s is %v and %v", b.Name(), byName.Peer, byAddress.Peer)
			}
		}
	}
	eventually(t, "it is found by its tag", func() bool {
		found, err := all[0].FindTag(soon(t), "ocr")
		return err == nil && len(found) == 1 && found[0].Peer == all[1].PeerID()
	})
	if err := all[1].SetTags(nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is found by its tag no more", func() bool {
		found, err := all[0].FindTag(soon(t), "ocr")
		return err == nil && len(found) == 0
	})
	for _, who := range []string{"nobody", "4660:1234.FFFF.0000"} {
		if _, err := all[0].Find(soon(t), who); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", who, err)
		}
	}
	if _, err := all[0].Find(soon(t), "0:0000.12CF.AA5B"); !errors.Is(err, ErrElsewhere) {
		t.Errorf("an address of another network: %v", err)
	}
}

func TestTwoWhoClaimOneNameAreToldApartByTheirFingerprintsAlone(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	one, two := f.member("twin", Config{}), f.member("twin", Config{})
	eventually(t, "the name is contested", func() bool {
		_, err := f.Find(soon(t), "twin")
		return errors.Is(err, ErrContested) &&
			strings.Contains(err.Error(), one.Endpoint().String()) && strings.Contains(err.Error(), two.Endpoint().String())
	})
	if p := finds(t, f.Agent, two.Endpoint().String()).Peer; p != two.PeerID() {
		t.Errorf("the fingerprint finds %v", p)
	}
}

func TestCertificatesAreRenewedAndNamesChange(t *testing.T) {
	f := found(t, mesh.Policy{}, 6*time.Second)
	a := f.member("before", Config{})
	first, err := a.Network()
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the certificate was renewed", func() bool {
		later, err := a.Network()
		return err == nil && later.Expires > first.Expires
	})
	if err := a.SetName(soon(t), "after"); err != nil {
		t.Fatal(err)
	}
	if found := finds(t, f.Agent, "after"); found.Peer != a.PeerID() || a.Name() != "after" {
		t.Errorf("found %v", found)
	}
	eventually(t, "nobody is found by the former name", func() bool {
		_, err := f.Find(soon(t), "before")
		return errors.Is(err, ErrNotFound)
	})
}

func TestAMemberComesBackToItsNetworkWithoutItsInviter(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	server := f.member("server", Config{DHT: DHTServer})
	home := t.TempDir()
	a := f.member("back", Config{Home: home})
	finds(t, a, "server")
	endpoint := a.Endpoint()
	if err := errors.Join(a.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	back := newAgent(t, Config{Home: home, Invite: f.invite.Text()})
	if back.Endpoint().String() != endpoint.String() || back.Name() != "back" {
		t.Errorf("it is %v, called %s", back.Endpoint(), back.Name())
	}
	if found := finds(t, back, "server"); found.Peer != server.PeerID() {
		t.Errorf("found %v", found)
	}
}

func TestWhoIsExpelledIsCutAndEndsItsPart(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	bad, good := f.member("bad", Config{}), f.member("good", Config{})
	finds(t, good, "bad")
	f.expel(bad.ID())
	eventually(t, "the other member knows", func() bool { return good.membership.members.revocations().Version() == 1 })
	eventually(t, "it knows itself", func() bool {
		network, err := bad.Network()
		return err == nil && errors.Is(network.Standing, mesh.Expelled)
	})
	for _, a := range []*Agent{f.Agent, good} {
		eventually(t, "it is cut", func() bool { return len(a.host.Network().ConnsToPeer(bad.PeerID())) == 0 })
		eventually(t, "nobody finds it", func() bool {
			_, err := a.Find(soon(t), "bad")
			return errors.Is(err, ErrNotFound)
		})
	}
	if _, err := bad.Find(soon(t), "good"); !errors.Is(err, mesh.Expelled) {
		t.Errorf("it finds others: %v", err)
	}
	if err := bad.membership.meet(soon(t), good.PeerID()); err == nil {
		t.Error("it was admitted")
	}
}

func TestAServerOfTheDHTTellsWhereServersAreAndNobodyElse(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	server, other := f.member("server", Config{DHT: DHTServer}), f.member("other", Config{DHT: DHTServer})
	client, contact := f.member("client", Config{DHT: DHTClient}), newAgent(t, Config{})
	pair(t, server, contact)
	asks := func(target peer.ID) []*peer.AddrInfo {
		dir := client.membership.directory()
		infos, err := dir.messenger.GetClosestPeers(soon(t), server.PeerID(), target)
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(infos, func(info *peer.AddrInfo) bool { return info.ID != target })
	}
	finds(t, client, "server")
	eventually(t, "the other server is told of", func() bool { return len(asks(other.PeerID())) == 1 })
	if infos := asks(contact.PeerID()); len(infos) > 0 {
		t.Errorf("a contact is at %v", infos)
	}
	if infos := asks(client.PeerID()); len(infos) > 0 {
		t.Errorf("a client is at %v", infos)
	}
}

func TestALeaverIsFoundNoMoreAndIsOnTheBackbone(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	a := f.member("leaver", Config{})
	finds(t, f.Agent, "leaver")
	if err := a.Leave(soon(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Network(); !errors.Is(err, ErrNoNetwork) || a.Endpoint().Address.Network != 0 {
		t.Errorf("it is %v: %v", a.Endpoint(), err)
	}
	eventually(t, "it is found no more", func() bool {
		_, err := f.Find(soon(t), "leaver")
		return errors.Is(err, ErrNotFound)
	})
	if _, err := a.Join(soon(t), f.invite.Text()); err != nil {
		t.Fatal(err)
	}
	finds(t, f.Agent, "leaver")
}

func TestMembersOfANetworkThatTrustsThemAreContactsByTheirFirstWord(t *testing.T) {
	f := found(t, mesh.Policy{TrustMembers: true}, time.Hour)
	a, b := f.member("one", Config{}), f.member("two", Config{})
	eventually(t, "the first word makes contacts", func() bool {
		p, err := a.Resolve(soon(t), "two")
		return err == nil && p == b.PeerID() && a.IsContact(p)
	})
	if _, err := a.Echo(soon(t), b.PeerID(), 1000); err != nil {
		t.Error(err)
	}
	f.expel(b.ID())
	eventually(t, "who was expelled is trusted no more", func() bool { return !a.IsContact(b.PeerID()) })
}

func TestAStrangerIsNotAnsweredAtTheDoorsOfANetwork(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	member := f.member("member", Config{DHT: DHTServer})
	other := found(t, mesh.Policy{}, time.Hour)
	backbone, stranger := newAgent(t, Config{}), newAgent(t, Config{})
	hello, err := other.membership.hello(other.membership.current())
	if err != nil {
		t.Fatal(err)
	}
	questions := map[protocol.ID]func(io.Writer) error{
		mesh.AdmitProtocol: func(w io.Writer) error { return mesh.WriteHello(w, hello) },
		mesh.JoinProtocol:  func(w io.Writer) error { return mesh.WriteJoinRequest(w, &mesh.Leave{Certificate: hello.Certificate}) },
	}
	for _, a := range []*Agent{member, backbone} {
		stranger.know(a.PeerID(), a.host.Addrs())
		for proto, ask := range questions {
			s, err := stranger.Open(soon(t), a.PeerID(), proto)
			if err != nil {
				t.Fatalf("%s: %v", proto, err)
			}
			asked := time.Now()
			if err := ask(s); err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(s); len(b) > 0 || err != nil {
				t.Errorf("%s: heard %x: %v", proto, b, err)
			}
			if time.Since(asked) < silence {
				t.Errorf("%s: closed before it was time", proto)
			}
			_ = s.Close()
		}
		if _, err := stranger.negotiate(soon(t), a.PeerID(), mesh.RealmOf(f.genesis).Kad()); !errors.Is(err, ErrUnsupported) {
			t.Errorf("the DHT: %v", err)
		}
	}
}
