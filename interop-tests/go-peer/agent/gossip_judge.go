package agent

import (
	"math"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// What is remembered of authors and neighbours.
const (
	// maxAuthors bounds the authors of whom it is remembered what was had; whoever was silent longest makes room.
	maxAuthors = 4096
	// authorSilence is how long an author has said nothing new when it is forgotten: all that was had of it is too old by then.
	authorSilence = 3 * time.Minute
	// maxPairs bounds the neighbours and authors of which it is remembered how much is brought in vain.
	maxPairs = 16_384
	// halfOfCertificates is how many verified certificates are remembered in each of two halves.
	halfOfCertificates = 512
	// wrongDecay is what is left of what a neighbour has done wrong after a second: whoever goes on is out for a minute.
	wrongDecay = 0.996
)

// ourPace is how much we say: less than others let pass, since what is sent evenly does not arrive so.
var ourPace = rateOf{100, time.Second / 48}

// judge looks at broadcasts of one network. Nothing that is not validly signed changes what it remembers: no forgery stands
// in the way of an original.
type judge struct {
	realm mesh.Realm
	own   id.AgentID

	mu           sync.Mutex
	newer, older map[string]*mesh.Certificate
	windows      map[id.AgentID]*authorWindow
	// since is when each of those expelled was first seen on a list.
	since map[id.AgentID]time.Time
	// authors is how much each says, brought how much of one a neighbour brings that is of no use.
	authors *buckets[id.AgentID]
	brought *buckets[bringing]
	// said is how much we say ourselves.
	said   *buckets[id.AgentID]
	blames map[peer.ID]blame
}

type authorWindow struct {
	event.Window
	heard time.Time
}

type bringing struct {
	from   peer.ID
	author id.AgentID
}

// blame is for floods: how many, as of a time.
type blame struct {
	count float64
	at    time.Time
}

func newJudge(realm mesh.Realm, own id.AgentID) *judge {
	return &judge{
		realm: realm, own: own, newer: make(map[string]*mesh.Certificate), windows: make(map[id.AgentID]*authorWindow),
		since:   make(map[id.AgentID]time.Time),
		authors: newBuckets[id.AgentID](rateOf{200, time.Second / 50}, maxAuthors),
		brought: newBuckets[bringing](rateOf{400, time.Second / 100}, maxPairs),
		said:    newBuckets[id.AgentID](ourPace, 1),
		blames:  make(map[peer.ID]blame),
	}
}

// look is what a neighbour has brought, if it is a broadcast, and what is to become of it.
func (j *judge) look(from peer.ID, data []byte, revoked *mesh.Revocations, now time.Time) (finding, *event.Broadcast) {
	broadcast, err := event.ParseBroadcast(data, j.realm.ID(), j.certify)
	if err != nil {
		return forged, nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	found := j.find(broadcast, from, revoked, now)
	if found > flood && !take(j.brought, bringing{from, broadcast.Certificate().Agent()}, now) {
		found = flood
	}
	if found == flood {
		j.blame(from, now)
	}
	return found, broadcast
}

func (j *judge) find(broadcast *event.Broadcast, from peer.ID, revoked *mesh.Revocations, now time.Time) finding {
	certificate := broadcast.Certificate()
	unix := uint64(now.UnixMilli())
	found := facts{
		at: broadcast.At(), now: unix, stands: certificate.Stands(unix, revoked), expires: certificate.Expires(),
		expelledFor: j.expelledFor(certificate, revoked, now),
	}.judge()
	author := certificate.Agent()
	switch {
	case found != passed:
		return found
	case author == j.own, !j.isNew(author, broadcast.Position(), now):
		// What comes back was said by us, or before we started anew.
		return duplicate
	case take(j.authors, author, now):
		return passed
	case certificate.PeerID() == from:
		return flood
	}
	return excess
}

// certify verifies a certificate once, and remembers those that are used.
func (j *judge) certify(b []byte) (*mesh.Certificate, error) {
	j.mu.Lock()
	known := j.newer[string(b)]
	if known == nil {
		known = j.older[string(b)]
	}
	j.mu.Unlock()
	if known == nil {
		var err error
		if known, err = mesh.ParseCertificate(b, j.realm); err != nil {
			return nil, err
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.newer[string(b)] == nil {
		if len(j.newer) >= halfOfCertificates {
			j.newer, j.older = make(map[string]*mesh.Certificate), j.newer
		}
		j.newer[string(b)] = known
	}
	return known, nil
}

func (j *judge) isNew(author id.AgentID, position event.Position, now time.Time) bool {
	window := j.windows[author]
	if window == nil {
		if len(j.windows) >= maxAuthors {
			delete(j.windows, j.mostSilent())
		}
		window = &authorWindow{heard: now}
		j.windows[author] = window
	}
	if now.Sub(window.heard) >= authorSilence {
		*window = authorWindow{heard: now}
	}
	isNew := window.Take(position)
	if isNew {
		window.heard = now
	}
	return isNew
}

func (j *judge) mostSilent() (silent id.AgentID) {
	var since time.Time
	for author, window := range j.windows {
		if since.IsZero() || window.heard.Before(since) {
			silent, since = author, window.heard
		}
	}
	return silent
}

// expelledFor is how long we have known that the member, or who let it in, was expelled.
func (j *judge) expelledFor(certificate *mesh.Certificate, revoked *mesh.Revocations, now time.Time) time.Duration {
	var longest time.Duration
	agents := []id.AgentID{certificate.Agent()}
	if issuer := certificate.Issuer(); issuer != nil {
		agents = append(agents, *issuer)
	}
	for _, agent := range agents {
		if revoked.Contains(agent) {
			longest = max(longest, now.Sub(j.noteExpelled(agent, now)))
		}
	}
	return longest
}

func (j *judge) noteExpelled(agent id.AgentID, now time.Time) time.Time {
	since, known := j.since[agent]
	if !known {
		since = now
		j.since[agent] = since
	}
	return since
}

// note notes a list of those expelled, from which on they are known as such.
func (j *judge) note(list *mesh.Revocations) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, agent := range list.Agents() {
		j.noteExpelled(agent, time.Now())
	}
}

// blame notes a flood.
func (j *judge) blame(from peer.ID, now time.Time) {
	if len(j.blames) >= maxNeighbours {
		clear(j.blames)
	}
	j.blames[from] = blame{j.blames[from].now(now) + 1, now}
}

func (b blame) now(now time.Time) float64 {
	return b.count * math.Pow(wrongDecay, now.Sub(b.at).Seconds())
}

// blameOf is what floods cost a neighbour, as much as other wrong messages would.
func (j *judge) blameOf(from peer.ID, now time.Time) float64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	count := j.blames[from].now(now)
	return -10 * count * count
}

// mayWe takes a token of our own.
func (j *judge) mayWe(now time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return take(j.said, j.own, now)
}

// take takes a token, if one is left.
func take[K comparable](b *buckets[K], key K, now time.Time) bool {
	has := b.has(key, now)
	if has {
		b.take(key, now)
	}
	return has
}
