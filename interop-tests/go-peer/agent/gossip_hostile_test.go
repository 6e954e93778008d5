package agent

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/network"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

func TestNobodyButMembersIsOfferedGossip(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	member, contact, stranger := f.member("member", Config{}), newAgent(t, Config{}), newAgent(t, Config{})
	pair(t, f.Agent, contact)
	stranger.know(f.PeerID(), f.host.Addrs())
	proto := mesh.RealmOf(f.genesis).Meshsub()
	for _, a := range []*Agent{contact, stranger} {
		if _, err := a.negotiate(soon(t), f.PeerID(), proto); !errors.Is(err, ErrUnsupported) {
			t.Errorf("gossip: %v", err)
		}
	}
	// To be a member, and not to have said so, is not enough either.
	f.membership.members.enter(nil, false, nil)
	if _, err := member.negotiate(soon(t), f.PeerID(), proto); !errors.Is(err, ErrUnsupported) {
		t.Errorf("gossip with one who is no member here: %v", err)
	}
}

// rogue opens a stream of gossip in place of the agent's own, on which it says what it likes.
func rogue(t *testing.T, a *Agent, b *Agent) network.Stream {
	t.Helper()
	_ = a.membership.gossiping().host.Close()
	if err := a.membership.meet(soon(t), b.PeerID()); err != nil {
		t.Fatal(err)
	}
	s, err := a.negotiate(soon(t), b.PeerID(), a.membership.current().realm.Meshsub())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// nonsense is a frame that names so many topics that nobody has.
func nonsense(count int) *pb.RPC {
	rpc := &pb.RPC{Control: &pb.ControlMessage{}}
	subscribes := true
	for range count {
		topic := fmt.Sprintf("/airway/%016x/events", rand.Uint64())
		rpc.Subscriptions = append(rpc.Subscriptions, &pb.RPC_SubOpts{Topicid: &topic, Subscribe: &subscribes})
		rpc.Control.Graft = append(rpc.Control.Graft, &pb.ControlGraft{TopicID: &topic})
		rpc.Control.Prune = append(rpc.Control.Prune, &pb.ControlPrune{TopicID: &topic})
		rpc.Publish = append(rpc.Publish, &pb.Message{Topic: &topic, Data: []byte("x")})
	}
	return rpc
}

func TestTopicsThatNobodyHasOccupyNothing(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	_, ears := gathered(t, f, 2)
	hostile := f.member("hostile", Config{DHT: DHTClient})
	s := rogue(t, hostile, f.Agent)
	g := f.membership.gossiping()
	var named []string
	for range 20 {
		rpc := nonsense(15)
		frame, err := rpc.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(append(binary.AppendUvarint(nil, uint64(len(frame))), frame...)); err != nil {
			t.Fatal(err)
		}
		for _, one := range rpc.Subscriptions {
			named = append(named, one.GetTopicid())
		}
	}
	if _, err := f.Broadcast(soon(t), "lab/1", []byte("still")); err != nil {
		t.Fatal(err)
	}
	everybodyHears(t, ears, "lab/1 still")
	for _, topic := range named {
		if len(g.pubsub.ListPeers(topic)) > 0 {
			t.Fatalf("%s is remembered", topic)
		}
	}
}

func TestAFrameThatIsTooLongOrNoneAtAllEndsTheStream(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	hostile := f.member("hostile", Config{})
	for what, said := range map[string][]byte{
		"too long": append(binary.AppendUvarint(nil, event.MaxTransmit+1), make([]byte, event.MaxTransmit+1)...),
		"no frame": {4, 0xff, 0xff, 0xff, 0xff},
	} {
		s := rogue(t, hostile, f.Agent)
		_, _ = s.Write(said)
		_ = s.SetReadDeadline(time.Now().Add(20 * time.Second))
		var timeout interface{ Timeout() bool }
		if _, err := s.Read(make([]byte, 1)); err == nil || errors.As(err, &timeout) && timeout.Timeout() {
			t.Errorf("%s: the stream goes on: %v", what, err)
		}
	}
}

func TestABrokerEndsAStreamThatMakesNoSense(t *testing.T) {
	a, b := newAgent(t, Config{}), newAgent(t, Config{})
	introduce(a, b)
	request := new(bytes.Buffer)
	if err := event.WriteRequest(request, &event.Request{}); err != nil {
		t.Fatal(err)
	}
	for what, said := range map[string][]byte{
		"no request":             {1, 0xa0},
		"a request too long":     binary.AppendUvarint(nil, event.RequestFrame+1),
		"no publication":         append(bytes.Clone(request.Bytes()), 1, 0xa0),
		"a publication too long": binary.AppendUvarint(bytes.Clone(request.Bytes()), event.EventFrame+1),
	} {
		s, err := a.Open(soon(t), b.PeerID(), event.Protocol)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(said); err != nil {
			t.Fatal(err)
		}
		_ = s.SetReadDeadline(time.Now().Add(20 * time.Second))
		var timeout interface{ Timeout() bool }
		if _, err := wire.ReadFrame(s, event.EventFrame); err == nil || errors.As(err, &timeout) && timeout.Timeout() {
			t.Errorf("%s: the stream goes on: %v", what, err)
		}
		_ = s.Reset()
	}
}
