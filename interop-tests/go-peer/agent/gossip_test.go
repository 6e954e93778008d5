package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// everybody hears waits until each of the subscriptions has heard something.
func everybodyHears(t *testing.T, all []*Subscription, expected ...string) {
	t.Helper()
	for _, s := range all {
		hears(t, s, expected...)
	}
}

// gathered starts so many members, each of which hears the network.
func gathered(t *testing.T, f *founder, count int) (members []*Agent, ears []*Subscription) {
	t.Helper()
	for n := range count {
		members = append(members, f.member(fmt.Sprint("go-", n), Config{}))
	}
	for _, a := range append(members, f.Agent) {
		ears = append(ears, listen(t, a, Source{Mesh: true}, patterns(event.Now(), "lab/*")))
	}
	for _, a := range append(members, f.Agent) {
		eventually(t, string(a.Name())+" has neighbours", func() bool {
			state, err := a.Gossip()
			return err == nil && state.Joined && slices.ContainsFunc(state.Peers, func(p GossipPeer) bool { return p.Joined && p.Mesh })
		})
	}
	return members, ears
}

func TestMembersHearWhatMembersBroadcastOnce(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	members, ears := gathered(t, f, 4)
	for n, a := range members {
		if _, err := a.Broadcast(soon(t), "other/topic", []byte("no")); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint("of ", n)
		if reached, err := a.Broadcast(soon(t), "lab/news", []byte(text)); err != nil || reached.Peers == 0 {
			t.Fatalf("%+v, %v", reached, err)
		}
		everybodyHears(t, ears, "lab/news "+text)
	}
	late := listen(t, f.Agent, Source{Mesh: true}, patterns(event.Start(), "lab/*"))
	hears(t, late, "lab/news of 0", "lab/news of 1", "lab/news of 2", "lab/news of 3")
}

func TestWhoDoesNotListenBroadcastsAllTheSame(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	_, ears := gathered(t, f, 2)
	quiet := f.member("quiet", Config{DHT: DHTClient})
	if _, err := quiet.Broadcast(soon(t), "lab/1", []byte("hi")); err != nil {
		t.Fatal(err)
	}
	everybodyHears(t, ears, "lab/1 hi")
	if state, err := quiet.Gossip(); err != nil || state.Joined {
		t.Errorf("it has joined: %v", err)
	}
}

func TestWhoIsExpelledIsHeardNoMore(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	members, ears := gathered(t, f, 3)
	bad := members[0]
	f.expel(bad.ID())
	for _, a := range append(members[1:], f.Agent) {
		eventually(t, "nobody speaks with it", func() bool {
			state, err := a.Gossip()
			return err == nil && !slices.ContainsFunc(state.Peers, func(p GossipPeer) bool { return p.Peer == bad.PeerID() })
		})
	}
	if _, err := ears[0].Next(soon(t)); !errors.Is(err, ErrNoNetwork) {
		t.Errorf("its subscription: %v", err)
	}
	if _, err := bad.Broadcast(soon(t), "lab/1", nil); !errors.Is(err, mesh.Expelled) {
		t.Errorf("it broadcasts: %v", err)
	}
	if _, err := members[1].Broadcast(soon(t), "lab/1", []byte("after")); err != nil {
		t.Fatal(err)
	}
	everybodyHears(t, ears[1:], "lab/1 after")
}

func TestNobodyBroadcastsOutsideOfANetworkOrToNobody(t *testing.T) {
	a := newAgent(t, Config{})
	if _, err := a.Broadcast(soon(t), "t", nil); !errors.Is(err, ErrNoNetwork) {
		t.Error(err)
	}
	if _, err := a.Subscribe(soon(t), Source{Mesh: true}, patterns(event.Now(), "*")); !errors.Is(err, ErrNoNetwork) {
		t.Error(err)
	}
	f := found(t, mesh.Policy{}, time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := f.Broadcast(ctx, "t", nil); !errors.Is(err, ErrNobody) {
		t.Error(err)
	}
	if _, err := f.Broadcast(soon(t), "a/*", nil); !errors.Is(err, event.ErrTopic) {
		t.Error(err)
	}
}

// forge changes a byte of what somebody has signed.
func forge(b *event.Broadcast) []byte {
	forged := b.Bytes()
	forged[len(forged)-1] ^= 1
	return forged
}

// signed is what a member might say.
func signed(t *testing.T, a *Agent, seq uint64, at uint64) *event.Broadcast {
	t.Helper()
	of := a.membership.current()
	b, err := event.SignBroadcast(a.key, of.realm.ID(), event.BroadcastDraft{
		Topic: "lab/1", Position: event.Position{Epoch: 1000, Seq: seq}, At: at, Payload: []byte("x"), Certificate: of.certificate,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAForgerySentAheadNeverSuppressesTheOriginal(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	members, ears := gathered(t, f, 2)
	author, forger := members[0], members[1]
	original := signed(t, author, 1, unixMilli())
	say := func(a *Agent, data []byte) {
		if err := a.membership.gossiping().topic.Publish(soon(t), data); err != nil {
			t.Fatal(err)
		}
	}
	founder := f.membership.gossiping()
	say(forger, forge(original))
	eventually(t, "the founder thinks less of the forger", func() bool {
		state, err := f.Gossip()
		return err == nil && slices.ContainsFunc(state.Peers, func(p GossipPeer) bool { return p.Peer == forger.PeerID() && p.Score < 0 })
	})
	say(author, original.Bytes())
	hears(t, ears[2], "lab/1 x")
	if finding, _ := founder.judge.look(author.PeerID(), original.Bytes(), nil, time.Now()); finding != duplicate {
		t.Errorf("once more it is %d", finding)
	}
}

func TestEachFindingHasItsVerdict(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	a, b := f.member("a", Config{}), f.member("b", Config{})
	j, now := newJudge(mesh.RealmOf(f.genesis), f.ID()), unixMilli()
	look := func(from *Agent, data []byte) finding {
		found, _ := j.look(from.PeerID(), data, f.membership.members.revocations(), time.Now())
		return found
	}
	other := found(t, mesh.Policy{}, time.Hour)
	for what, c := range map[string]struct {
		data []byte
		is   finding
	}{
		"nothing":                {nil, forged},
		"a forgery":              {forge(signed(t, a, 1, now)), forged},
		"of another network":     {signed(t, other.Agent, 1, now).Bytes(), forged},
		"of ours":                {signed(t, f.Agent, 1, now).Bytes(), duplicate},
		"old":                    {signed(t, a, 1, now-maxNewsAge-1000).Bytes(), late},
		"of a time to come":      {signed(t, a, 1, now+maxNewsAhead+60_000).Bytes(), early},
		"of nowhere near":        {signed(t, a, 1, now-maxNewsAge-mesh.ClockSkew-1000).Bytes(), misdated},
		"of after its end":       {signed(t, a, 1, now+2*60*60*1000).Bytes(), lapsed},
		"as it should be":        {signed(t, a, 2, now).Bytes(), passed},
		"of the smallest number": {signed(t, b, 0, now).Bytes(), passed},
	} {
		if found := look(b, c.data); found != c.is {
			t.Errorf("%s is %d, not %d", what, found, c.is)
		}
	}
	if found := look(b, signed(t, a, 2, now).Bytes()); found != duplicate {
		t.Errorf("once more it is %d", found)
	}
	f.expel(a.ID())
	if found := look(b, signed(t, a, 3, now).Bytes()); found != leaving {
		t.Errorf("of one who was expelled just now: %d", found)
	}
	j.since[a.ID()] = time.Now().Add(-grace - time.Second)
	if found := look(b, signed(t, a, 3, now).Bytes()); found != expelled || found.verdict() != pubsub.ValidationReject {
		t.Errorf("of one who was expelled a while ago: %d", found)
	}
}

// count is how often it was so.
func count(times int, is func() bool) (count int) {
	for range times {
		if is() {
			count++
		}
	}
	return count
}

func TestWhoSaysTooMuchIsToBlameAndWhoeverPassesItOnIsNot(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	a, b := f.member("a", Config{}), f.member("b", Config{})
	now := time.Now()
	j, counts := newJudge(mesh.RealmOf(f.genesis), f.ID()), make(map[finding]int)
	for seq := range uint64(300) {
		found, _ := j.look(b.PeerID(), signed(t, a, seq, uint64(now.UnixMilli())).Bytes(), nil, now)
		counts[found]++
	}
	if counts[passed] != 200 || counts[excess] == 0 || counts[flood] > 0 || j.blameOf(b.PeerID(), now) != 0 {
		t.Errorf("%v, %f", counts, j.blameOf(b.PeerID(), now))
	}
	if may := count(400, func() bool { return j.mayWe(now) }); may > 100 {
		t.Errorf("we would say %d at once, where others let 200 pass", may)
	}
	for seq := range uint64(100) {
		found, _ := j.look(a.PeerID(), signed(t, a, 1000+seq, uint64(now.UnixMilli())).Bytes(), nil, now)
		counts[found]++
	}
	if counts[flood] == 0 || j.blameOf(a.PeerID(), now) > graylisted {
		t.Errorf("%v, %f", counts, j.blameOf(a.PeerID(), now))
	}
}
