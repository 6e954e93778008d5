package agent

import (
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// founder is an agent with the key of a network's authority, which takes in whoever has its invite. It gives everybody the
// name that it asks for, even twice, as an authority that makes mistakes would.
type founder struct {
	*Agent
	t         *testing.T
	authority crypto.PrivKey
	genesis   *mesh.Genesis
	invite    *mesh.Invite
	life      time.Duration
	// age is how long ago its certificates began.
	age time.Duration

	mu     sync.Mutex
	issued int
}

func newKey(t *testing.T) crypto.PrivKey {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func draw[T ~[16]byte](t *testing.T) T {
	t.Helper()
	var drawn [16]byte
	if _, err := rand.Read(drawn[:]); err != nil {
		t.Fatal(err)
	}
	return T(drawn)
}

// found begins a network whose certificates last so long.
func found(t *testing.T, policy mesh.Policy, life time.Duration) *founder {
	t.Helper()
	f := &founder{Agent: newAgent(t, Config{Name: "founder"}), t: t, authority: newKey(t), life: life}
	var err error
	if f.genesis, err = mesh.NewGenesis("lab", f.authority.GetPublic(), 4660, policy, unixMilli(), draw[[16]byte](t)); err != nil {
		t.Fatal(err)
	}
	realm := mesh.RealmOf(f.genesis)
	certificate := f.certify(f.key.GetPublic(), "founder", mesh.RoleInviter|mesh.RoleRelay, time.Hour)
	f.become(func(me *me) {
		me.address, me.nonce, me.name = certificate.Address(), certificate.Nonce(), certificate.Name()
	})
	own, err := f.Card()
	if err != nil {
		t.Fatal(err)
	}
	of := &standing{genesis: f.genesis, realm: realm, certificate: certificate, inviter: own}
	if err := f.membership.enter(of, nil); err != nil {
		t.Fatal(err)
	}
	if f.invite, err = mesh.SignInvite(f.key, mesh.InviteDraft{
		Genesis: f.genesis, Card: own, Certificate: certificate, ID: draw[mesh.InviteID](t), Secret: draw[[16]byte](t),
		Expires: unixMilli() + uint64(time.Hour.Milliseconds()), Reusable: true,
	}); err != nil {
		t.Fatal(err)
	}
	f.openDoor(mesh.JoinProtocol, func(peer.ID) bool { return true }, f.letIn)
	return f
}

func (f *founder) certify(member crypto.PubKey, name id.Name, roles mesh.Roles, life time.Duration) *mesh.Certificate {
	f.t.Helper()
	agent, err := id.AgentIDOf(member)
	if err != nil {
		f.t.Fatal(err)
	}
	_, nonce, err := id.Derive(f.genesis.Number(), agent, 0)
	if err != nil {
		f.t.Fatal(err)
	}
	certificate, err := mesh.SignCertificate(mesh.RealmOf(f.genesis), f.authority, nil, mesh.Grant{
		Member: member, Nonce: nonce, Name: name, Roles: roles, NotBefore: unixMilli() - uint64(f.age.Milliseconds()),
		Expires: unixMilli() + uint64(life.Milliseconds()), Serial: draw[[16]byte](f.t),
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return certificate
}

// letIn answers everybody who asks for a certificate.
func (f *founder) letIn(s *Stream) {
	request, err := mesh.ReadJoinRequest(s)
	if err != nil {
		return
	}
	member, err := id.KeyOfPeer(s.Peer())
	if err != nil {
		return
	}
	var name id.Name
	switch request := request.(type) {
	case *mesh.Join:
		name = request.Name
	case *mesh.Renew:
		name = request.Name
		if former, err := mesh.ParseCertificate(request.Certificate, mesh.RealmOf(f.genesis)); err == nil && !request.Rename {
			name = former.Name()
		}
	case *mesh.Leave:
		_ = mesh.WriteJoinReply(s, &mesh.Done{})
		_ = wire.Finish(s)
		return
	}
	f.mu.Lock()
	f.issued++
	f.mu.Unlock()
	_ = mesh.WriteJoinReply(s, &mesh.Granted{
		Certificate: f.certify(member, name, 0, f.life).Bytes(), Revocations: f.membership.members.revocations().Bytes(), Cards: [][]byte{},
	})
	_ = wire.Finish(s)
}

// expel signs a newer list of those who were expelled.
func (f *founder) expel(agents ...id.AgentID) {
	f.t.Helper()
	version := f.membership.members.revocations().Version() + 1
	list, err := mesh.SignRevocations(mesh.RealmOf(f.genesis), f.authority, version, unixMilli(), agents)
	if err != nil {
		f.t.Fatal(err)
	}
	f.membership.learnList(f.t.Context(), list.Bytes())
}

// member starts an agent that joins.
func (f *founder) member(name string, config Config) *Agent {
	f.t.Helper()
	return joined(f.t, name, f.invite.Text(), config)
}

// finds waits until an agent finds somebody.
func finds(t *testing.T, a *Agent, who string) Found {
	t.Helper()
	var last Found
	eventually(t, string(a.Name())+" finds "+who, func() bool {
		found, err := a.Find(soon(t), who)
		last = found
		return err == nil
	})
	return last
}
