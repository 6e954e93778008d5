package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

const (
	// exchangeTime is how long one exchange about membership may take, dialling aside.
	exchangeTime = 10 * time.Second
	// silence is when a stream is closed without a word, counted from when it was heard: longer than it takes to find out
	// that nothing is proved, so that the time does not tell whether anything was looked up.
	silence = 250 * time.Millisecond
)

// ErrNoMember says that a peer has not proved to be a member of our network.
var ErrNoMember = errors.New("the peer is no member of this network")

// exchange is one of ours, which a peer answers.
func (m *membership) exchange(ctx context.Context, p peer.ID) error {
	of := m.current()
	if of == nil {
		return ErrNoNetwork
	}
	hello, err := m.hello(of)
	if err != nil {
		return err
	}
	if err := m.agent.connect(ctx, p); err != nil {
		return err
	}
	conns := m.connsTo(p)
	s, err := m.agent.Open(ctx, p, mesh.AdmitProtocol)
	if err != nil {
		return err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	if err := s.SetDeadline(time.Now().Add(exchangeTime)); err != nil {
		return err
	}
	if err := mesh.WriteHello(s, hello); err != nil {
		return err
	}
	answer, err := mesh.ReadAdmitAnswer(s)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoMember, err)
	}
	if answer.Hello == nil {
		// If we were expelled, the list that says so follows.
		if list, err := mesh.ReadList(s); err == nil {
			m.learnList(ctx, list)
		}
		return fmt.Errorf("the peer says of us: %w", answer.Refused)
	}
	return m.concludeExchange(ctx, s, of, hello.Version, answer.Hello, conns)
}

// concludeExchange verifies what the responder has answered, and evens out the lists.
func (m *membership) concludeExchange(ctx context.Context, s *Stream, of *standing, ours uint64, theirs *mesh.Hello, conns map[string]bool) error {
	one, err := m.verify(of, s.Peer(), theirs)
	var over mesh.Invalid
	if errors.As(err, &over) && ours > theirs.Version {
		// It may not know yet that it was expelled.
		if mesh.WriteList(s, m.members.revocations()) == nil {
			_ = wire.Finish(s)
		}
	}
	if err != nil {
		return err
	}
	one.conns = conns
	if err := m.admit(of, one); err != nil {
		return err
	}
	m.gossiping().met(s.Peer(), s.Conn())
	_ = m.evenOut(ctx, s, ours, theirs.Version)
	return nil
}

// receive answers a peer that proves to be a member, and no other.
func (m *membership) receive(s *Stream) {
	ctx, cancel := context.WithTimeout(m.agent.ctx, exchangeTime)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	_ = s.SetDeadline(time.Now().Add(exchangeTime))
	theirs, err := mesh.ReadHello(s)
	if err != nil {
		return
	}
	silent := time.After(silence)
	conns := m.connsTo(s.Peer())
	of := m.current()
	if of == nil {
		<-silent
		return
	}
	one, err := m.verify(of, s.Peer(), theirs)
	var over mesh.Invalid
	if err != nil && !errors.As(err, &over) {
		<-silent
		return
	}
	hello, failed := m.hello(of)
	if failed != nil {
		<-silent
		return
	}
	if err != nil {
		if mesh.WriteAdmitAnswer(s, &mesh.AdmitAnswer{Refused: over}) == nil && hello.Version > theirs.Version {
			_ = mesh.WriteList(s, m.members.revocations())
		}
		_ = wire.Finish(s)
		return
	}
	one.conns = conns
	if m.admit(of, one) != nil {
		return
	}
	if mesh.WriteAdmitAnswer(s, &mesh.AdmitAnswer{Hello: hello}) == nil {
		_ = m.evenOut(ctx, s, hello.Version, theirs.Version)
	}
	m.noteFound(s)
}

// evenOut gives the newer list of who was expelled to whom it lacks.
func (m *membership) evenOut(ctx context.Context, s *Stream, ours, theirs uint64) error {
	var list []byte
	var err error
	switch {
	case ours > theirs:
		err = mesh.WriteList(s, m.members.revocations())
	case theirs > ours:
		list, err = mesh.ReadList(s)
	}
	if err != nil {
		return err
	}
	err = wire.Finish(s)
	if list != nil {
		m.learnList(ctx, list)
	}
	return err
}

// hello is what we show of ourselves.
func (m *membership) hello(of *standing) (*mesh.Hello, error) {
	own, err := m.agent.Card()
	if err != nil {
		return nil, err
	}
	return &mesh.Hello{
		Certificate: of.certificate.Bytes(), Card: own.Bytes(), Serves: m.isServer(), Relay: m.isRelay(of),
		Version: m.members.revocations().Version(),
	}, nil
}

// verify judges what a peer shows of itself. The error is a mesh.Invalid if it was a member once.
func (m *membership) verify(of *standing, p peer.ID, hello *mesh.Hello) (*member, error) {
	certificate, err := mesh.ParseCertificate(hello.Certificate, of.realm)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoMember, err)
	}
	if certificate.PeerID() != p {
		return nil, fmt.Errorf("%w: its certificate belongs to another agent", ErrNoMember)
	}
	if err := certificate.Stands(unixMilli(), m.members.revocations()); err != nil {
		return nil, fmt.Errorf("the peer is a member no more: %w", err)
	}
	contact, err := card.FromBytes(hello.Card)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoMember, err)
	}
	if contact.PeerID() != p {
		return nil, fmt.Errorf("%w: its card belongs to another agent", ErrNoMember)
	}
	return &member{
		certificate: certificate, card: contact, serves: hello.Serves, relay: hello.Relay && certificate.Roles().Relay(), met: unixMilli(),
	}, nil
}

// admit takes a member in, and remembers it if others can be found by it.
func (m *membership) admit(of *standing, one *member) error {
	former, ok := m.members.admit(of.realm.ID(), one)
	if !ok {
		return ErrNoNetwork
	}
	dir := m.directory()
	if dir != nil {
		dir.note(one)
	}
	isNews := former == nil || former.serves != one.serves || former.relay != one.relay || former.card.String() != one.card.String()
	if isNews && (one.relay || former != nil && former.relay) {
		m.useRelays()
	}
	if isNews && (one.serves || one.relay) {
		m.rememberHelpers()
		m.wake()
	}
	return nil
}

func (m *membership) connsTo(p peer.ID) map[string]bool {
	conns := make(map[string]bool)
	for _, conn := range m.agent.host.Network().ConnsToPeer(p) {
		conns[conn.ID()] = true
	}
	return conns
}

// noteFound: a member that has come straight to us shows that others can.
func (m *membership) noteFound(s *Stream) {
	stat := s.Conn().Stat()
	isDirect := !stat.Limited && !isRelayed(s.Conn().RemoteMultiaddr())
	if stat.Direction != network.DirInbound || !isDirect {
		return
	}
	m.reached.Store(true)
	if m.agent.config.DHT == "" {
		m.serve(true)
	}
}
