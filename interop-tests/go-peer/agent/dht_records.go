package agent

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// How much is kept for others: a network of thousands, each with its address, a name and tags, spread over few servers.
const (
	// maxKeys is under how many keys there may be something.
	maxKeys = 4096
	// maxKept is how many bytes all claims and their keys may have together.
	maxKept = 16 * 1024 * 1024
)

// Why a value is not taken.
var (
	errNotOurs = errors.New("nothing of ours is kept at keys like this")
	errNotOne  = errors.New("it is not one claim")
	errStale   = errors.New("a newer claim of the agent is known")
	errRivals  = errors.New("others claimed it before")
	errNoRoom  = errors.New("all room is taken by what is nearer")
)

// records is what we keep for others: claims, and nothing else. It is the datastore of the DHT, in memory.
//
// Of each agent the newest claim counts, whatever the key: what it claimed before and does not claim any more is dropped.
// When the room is used up, what is farthest from our own place in the table goes first: others are asked for it.
type records struct {
	own     [sha256.Size]byte
	realm   mesh.Realm
	revoked func() *mesh.Revocations

	mu   sync.Mutex
	kept map[string][]*mesh.Claim
	size int
	// agents says at which keys there are claims of each agent.
	agents map[id.AgentID]map[string]bool
}

func newRecords(own peer.ID, realm mesh.Realm, revoked func() *mesh.Revocations) *records {
	return &records{
		own: sha256.Sum256([]byte(own)), realm: realm, revoked: revoked,
		kept: make(map[string][]*mesh.Claim), agents: make(map[id.AgentID]map[string]bool),
	}
}

// take takes in what somebody puts at a key: one claim, its own.
func (r *records) take(key, value []byte) error {
	kind, known := mesh.KeyKindOf(key)
	if !known {
		return errNotOurs
	}
	envelopes, err := mesh.SplitSet(value)
	if err != nil {
		return err
	}
	if len(envelopes) != 1 {
		return fmt.Errorf("%w but %d", errNotOne, len(envelopes))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.ContainsFunc(r.kept[string(key)], func(c *mesh.Claim) bool { return bytes.Equal(c.Bytes(), envelopes[0]) }) {
		// Verified before: a repeat costs next to nothing.
		return nil
	}
	claim, err := readClaim(key, envelopes[0], r.realm, r.revoked())
	if err != nil {
		return err
	}
	if r.isStale(claim) {
		return errStale
	}
	claims, _ := mesh.Merge(r.standing(string(key)), claim, kind)
	if !slices.Contains(claims, claim) {
		return errRivals
	}
	r.put(string(key), claims)
	r.supersede(claim)
	return r.makeRoom(string(key))
}

// isStale says whether a newer claim of the agent is known at any key.
func (r *records) isStale(claim *mesh.Claim) bool {
	for key := range r.agents[claim.Agent()] {
		for _, known := range r.kept[key] {
			if known.Agent() == claim.Agent() && !known.Withdrawn() && known.Issued() > claim.Issued() {
				return true
			}
		}
	}
	return false
}

// supersede drops what an agent claimed before and does not claim any more. What is withdrawn is so at its key alone.
func (r *records) supersede(newest *mesh.Claim) {
	if newest.Withdrawn() {
		return
	}
	isFormer := func(c *mesh.Claim) bool { return c.Agent() == newest.Agent() && c.Issued() < newest.Issued() }
	for _, key := range r.keysOf(newest.Agent()) {
		if !newest.BelongsAt([]byte(key)) && slices.ContainsFunc(r.kept[key], isFormer) {
			r.put(key, slices.DeleteFunc(slices.Clone(r.kept[key]), isFormer))
		}
	}
}

func (r *records) keysOf(agent id.AgentID) []string {
	var keys []string
	for key := range r.agents[agent] {
		keys = append(keys, key)
	}
	return keys
}

// put replaces what is at a key; nothing removes it.
func (r *records) put(key string, claims []*mesh.Claim) {
	for _, claim := range r.kept[key] {
		r.size -= len(claim.Bytes())
		delete(r.agents[claim.Agent()], key)
		if len(r.agents[claim.Agent()]) == 0 {
			delete(r.agents, claim.Agent())
		}
	}
	if len(r.kept[key]) > 0 {
		r.size -= len(key)
	}
	delete(r.kept, key)
	if len(claims) == 0 {
		return
	}
	r.kept[key] = claims
	r.size += len(key)
	for _, claim := range claims {
		r.size += len(claim.Bytes())
		if r.agents[claim.Agent()] == nil {
			r.agents[claim.Agent()] = make(map[string]bool)
		}
		r.agents[claim.Agent()][key] = true
	}
}

// makeRoom drops what is farthest away; it fails if that is what was put at a key.
func (r *records) makeRoom(put string) error {
	for len(r.kept) > maxKeys || r.size > maxKept {
		farthest, distance := "", []byte{}
		for key := range r.kept {
			if d := r.distance(key); farthest == "" || bytes.Compare(d, distance) > 0 {
				farthest, distance = key, d
			}
		}
		r.put(farthest, nil)
		if farthest == put {
			return errNoRoom
		}
	}
	return nil
}

// distance is how far a key is from our own place in the table.
func (r *records) distance(key string) []byte {
	distance := sha256.Sum256([]byte(key))
	for at := range distance {
		distance[at] ^= r.own[at]
	}
	return distance[:]
}

// standing is what is kept at a key and stands now.
func (r *records) standing(key string) []*mesh.Claim {
	var claims []*mesh.Claim
	for _, claim := range r.kept[key] {
		if claim.Stands(unixMilli(), r.revoked()) == nil {
			claims = append(claims, claim)
		}
	}
	return claims
}

// value is what there is to say of a key; nil for nothing.
func (r *records) value(key []byte) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	claims := r.standing(string(key))
	if len(claims) == 0 {
		return nil
	}
	return mesh.JoinSet(claims)
}

// sweep drops what does not stand any more.
func (r *records) sweep() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, claims := range r.kept {
		if standing := r.standing(key); len(standing) < len(claims) {
			r.put(key, standing)
		}
	}
}
