package agent

import (
	"encoding/base32"
	"errors"
	"slices"
	"testing"
	"time"

	ds "github.com/ipfs/go-datastore"
	recpb "github.com/libp2p/go-libp2p-record/pb"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// said is what the agent of a key claims on the backbone, where everybody may claim any name.
func said(t *testing.T, key crypto.PrivKey, issued uint64, name id.Name, tags ...id.Tag) *mesh.Claim {
	t.Helper()
	claim, err := mesh.SignClaim(mesh.Backbone(), key, mesh.ClaimDraft{
		Card: vectors.Card(t, key, name, name == "" && tags == nil), Tags: tags, Issued: issued, Expires: issued + mesh.ClaimLife,
	})
	if err != nil {
		t.Fatal(err)
	}
	return claim
}

func nobodyRevoked() *mesh.Revocations { return nil }

func newStore(t *testing.T) *records {
	t.Helper()
	own, err := peer.IDFromPublicKey(newKey(t).GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	return newRecords(own, mesh.Backbone(), nobodyRevoked)
}

// keptAt is how many claims a store gives out at a key.
func keptAt(t *testing.T, r *records, key mesh.Key) int {
	t.Helper()
	envelopes, err := mesh.SplitSet(r.value(key.Bytes(mesh.Backbone().ID())))
	if err != nil {
		t.Fatal(err)
	}
	return len(envelopes)
}

// put has a store take a claim at a key as the DHT does it.
func put(t *testing.T, r *records, key mesh.Key, claims ...*mesh.Claim) error {
	t.Helper()
	name := key.Bytes(mesh.Backbone().ID())
	data, err := proto.Marshal(&recpb.Record{Key: name, Value: mesh.JoinSet(claims)})
	if err != nil {
		t.Fatal(err)
	}
	return r.Put(t.Context(), ds.NewKey(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(name)), data)
}

func TestAStoreKeepsTheClaimsOfSeveralAgentsUnderOneKey(t *testing.T) {
	r, now := newStore(t), unixMilli()
	name := mesh.NameKey("ada")
	var keys []crypto.PrivKey
	for n := range mesh.MaxRivals + 1 {
		keys = append(keys, newKey(t))
		err := put(t, r, name, said(t, keys[n], now, "ada"))
		if n < mesh.MaxRivals && err != nil || n == mesh.MaxRivals && !errors.Is(err, errRivals) {
			t.Errorf("claim %d: %v", n, err)
		}
	}
	if kept := keptAt(t, r, name); kept != mesh.MaxRivals {
		t.Errorf("%d claims are kept", kept)
	}
	dsKey := ds.NewKey(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(name.Bytes(mesh.Backbone().ID())))
	data, err := r.Get(t.Context(), dsKey)
	if err != nil {
		t.Fatal(err)
	}
	var record recpb.Record
	if err := proto.Unmarshal(data, &record); err != nil || record.GetTimeReceived() == "" {
		t.Errorf("record %v: %v", &record, err)
	}
}

func TestAStoreTakesOnlyWhatBelongsThereAndIsNewest(t *testing.T) {
	r, now, key := newStore(t), unixMilli(), newKey(t)
	ada, eve, ocr := mesh.NameKey("ada"), mesh.NameKey("eve"), mesh.TagKey("ocr")
	first := said(t, key, now, "ada", "ocr")
	for step, put := range []error{
		put(t, r, ada, first), put(t, r, ocr, first), put(t, r, ada, first),
	} {
		if put != nil {
			t.Errorf("step %d: %v", step, put)
		}
	}
	refused := map[string]error{
		"elsewhere": put(t, r, eve, first),
		"older":     put(t, r, ada, said(t, key, now-1, "ada")),
		"two":       put(t, r, ada, first, said(t, newKey(t), now, "ada")),
		"none":      put(t, r, ada),
		"expired":   put(t, r, ada, said(t, newKey(t), now-mesh.ClaimLife, "ada")),
		"to come":   put(t, r, ada, said(t, newKey(t), now+2*mesh.ClockSkew, "ada")),
	}
	for what, err := range refused {
		if err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	// What the agent claimed before and does not claim any more is gone, and what is withdrawn at its key alone.
	if err := put(t, r, eve, said(t, key, now+1, "eve")); err != nil {
		t.Fatal(err)
	}
	if keptAt(t, r, ada) != 0 || keptAt(t, r, ocr) != 0 || keptAt(t, r, eve) != 1 {
		t.Errorf("%d, %d and %d claims", keptAt(t, r, ada), keptAt(t, r, ocr), keptAt(t, r, eve))
	}
	if err := put(t, r, eve, said(t, key, now+2, "")); err != nil {
		t.Fatal(err)
	}
	if envelopes, _ := mesh.SplitSet(r.value(eve.Bytes(mesh.Backbone().ID()))); len(envelopes) != 1 {
		t.Errorf("%d claims", len(envelopes))
	}
	if r.size <= 0 || len(r.agents) != 1 {
		t.Errorf("%d bytes of %d agents", r.size, len(r.agents))
	}
}

func TestValidatorsTakeSetsAndSelectWhatIsNotOutdated(t *testing.T) {
	v, now := claimValidator{realm: mesh.Backbone(), revoked: nobodyRevoked}, unixMilli()
	name := string(mesh.NameKey("ada").Bytes(mesh.Backbone().ID()))
	one, two := newKey(t), newKey(t)
	set := func(claims ...*mesh.Claim) []byte { return mesh.JoinSet(claims) }
	old, newer, rival := said(t, one, now, "ada"), said(t, one, now+1, "ada"), said(t, two, now, "ada")
	for what, value := range map[string][]byte{"one": set(old), "two": set(old, rival)} {
		if err := v.Validate(name, value); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, value := range map[string][]byte{"nothing": set(), "foreign": set(said(t, one, now, "eve")), "half": set(old)[:40]} {
		if v.Validate(name, value) == nil {
			t.Errorf("%s is valid", what)
		}
	}
	for what, choice := range map[string]struct {
		values [][]byte
		best   int
	}{
		"what is put again":        {[][]byte{set(old), set(old, rival)}, 0},
		"what is put first":        {[][]byte{set(rival), set(old)}, 0},
		"what is put newer":        {[][]byte{set(newer), set(old, rival)}, 0},
		"what is put too late":     {[][]byte{set(old), set(newer, rival)}, 1},
		"what is not valid at all": {[][]byte{set(), set(old)}, 1},
	} {
		if best, err := v.Select(name, choice.values); err != nil || best != choice.best {
			t.Errorf("%s: %d: %v", what, best, err)
		}
	}
	if _, err := v.Select(name, [][]byte{set()}); !errors.Is(err, errNoClaims) {
		t.Errorf("nothing is selected: %v", err)
	}
}

func TestAStoreMakesRoomForWhatIsNearer(t *testing.T) {
	r, now := newStore(t), unixMilli()
	claim := said(t, newKey(t), now, "ada")
	keys := make([]string, 0, maxKeys+1)
	for n := range maxKeys + 1 {
		tag := mesh.TagKey(id.Tag(string(base32.StdEncoding.EncodeToString([]byte{byte(n >> 8), byte(n)})))).Bytes(mesh.Backbone().ID())
		keys = append(keys, string(tag))
	}
	slices.SortFunc(keys, func(a, b string) int { return slices.Compare(r.distance(a), r.distance(b)) })
	for _, key := range keys[1:] {
		r.put(key, []*mesh.Claim{claim})
	}
	r.put(keys[0], []*mesh.Claim{claim})
	if err := r.makeRoom(keys[0]); err != nil {
		t.Fatal(err)
	}
	if len(r.kept) != maxKeys || r.kept[keys[0]] == nil || r.kept[keys[maxKeys]] != nil {
		t.Errorf("%d keys, the nearest %v, the farthest %v", len(r.kept), r.kept[keys[0]] != nil, r.kept[keys[maxKeys]] != nil)
	}
	r.put(keys[maxKeys], []*mesh.Claim{claim})
	if err := r.makeRoom(keys[maxKeys]); !errors.Is(err, errNoRoom) {
		t.Errorf("%v", err)
	}
}

func TestAMessageOfTheDHTOverItsLimitIsNotRead(t *testing.T) {
	f := found(t, mesh.Policy{}, time.Hour)
	server, client := f.member("server", Config{DHT: DHTServer}), f.member("client", Config{DHT: DHTClient})
	finds(t, client, "server")
	s, err := client.negotiate(soon(t), server.PeerID(), mesh.RealmOf(f.genesis).Kad())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// The end may be met while it is still written.
	err = wire.WriteFrame(s, make([]byte, 4*maxPacket), 4*maxPacket)
	if err == nil {
		_, err = s.Read(make([]byte, 1))
	}
	if !errors.Is(err, network.ErrReset) {
		t.Errorf("it was read: %v", err)
	}
}
