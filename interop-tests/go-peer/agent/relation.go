package agent

import (
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
)

// relation is all that we keep of an agent: where we stand, who and where it is, and what is to be said to it.
type relation struct {
	Peer     peer.ID        `json:"peer"`
	Relation trust.Relation `json:"relation"`
	// Spoke is At of our last statement to it.
	Spoke uint64 `json:"spoke,omitempty"`

	// Known says whether Address, Name and Addrs are of its card.
	Known   bool       `json:"known,omitempty"`
	Address id.Address `json:"address"`
	Name    id.Name    `json:"name,omitempty"`
	Addrs   []string   `json:"addrs,omitempty"`
	// Pinned says that it was trusted under its address, which nobody else can be from now on.
	Pinned bool `json:"pinned,omitempty"`

	// Alias is what its issuer called the ticket's user; Scopes are what it may do here, Granted what we may do there.
	Scopes  *trust.Scopes `json:"scopes,omitempty"`
	Granted *trust.Scopes `json:"granted,omitempty"`

	// Said is the statement that it has not acknowledged, and SaidUntil when we stop saying it.
	Said      []byte       `json:"said,omitempty"`
	SaidUntil uint64       `json:"said_until,omitempty"`
	Proof     *trust.Proof `json:"proof,omitempty"`

	// Text are its words about a request that waits, Source where that came from; Invited, that it had a ticket of ours.
	Text    string `json:"text,omitempty"`
	Source  string `json:"source,omitempty"`
	Invited bool   `json:"invited,omitempty"`

	// Since is when the state began; Expires when it ends by itself, 0 for never.
	Since   uint64 `json:"since"`
	Expires uint64 `json:"expires,omitempty"`
}

// Contact is an agent that we trust, or have asked to trust us.
type Contact struct {
	Peer     peer.ID
	ID       id.AgentID
	Endpoint id.Endpoint
	Name     id.Name
	// State is trust.Trusted or trust.Requested.
	State trust.Standing
	// Scopes are what it may do here, Granted what we may do there.
	Scopes, Granted trust.Scopes
	// Confirmed says that it knows that we trust it.
	Confirmed bool
}

// Request is a request of another agent that waits for our owner. Its name and its words are a stranger's: the fingerprint
// of the endpoint alone says who it is.
type Request struct {
	Peer     peer.ID
	ID       id.AgentID
	Endpoint id.Endpoint
	Name     id.Name
	Text     string
	Scopes   trust.Scopes
	Lapses   time.Time
}

func (r *relation) standing() trust.Standing { return r.Relation.State.Standing }

func (r *relation) agent() id.AgentID {
	// Whoever is in the book has an Ed25519 key: its statement or its card was verified.
	agent, _ := id.AgentIDOfPeer(r.Peer)
	return agent
}

func (r *relation) endpoint() id.Endpoint { return id.FullEndpoint(r.Address, r.agent()) }

func (r *relation) label() string {
	if r.Name != "" && r.standing() == trust.Trusted {
		return string(r.Name)
	}
	return r.endpoint().String()
}

func (r *relation) contact() Contact {
	return Contact{
		Peer: r.Peer, ID: r.agent(), Endpoint: r.endpoint(), Name: r.Name, State: r.standing(),
		Scopes: orEverything(r.Scopes), Granted: orEverything(r.Granted), Confirmed: r.Said == nil,
	}
}

func (r *relation) request() Request {
	return Request{
		Peer: r.Peer, ID: r.agent(), Endpoint: r.endpoint(), Name: r.Name, Text: r.Text,
		Scopes: orEverything(r.Granted), Lapses: time.UnixMilli(int64(r.Expires)),
	}
}

func orEverything(s *trust.Scopes) trust.Scopes {
	if s == nil {
		return trust.Everything()
	}
	return *s
}

// meet notes who an agent is and where, as its card says.
func (r *relation) meet(c *card.Card) {
	r.Known, r.Address, r.Name = true, c.Address(), c.Name()
	r.Addrs = r.Addrs[:0:0]
	for _, addr := range c.Addresses() {
		r.Addrs = append(r.Addrs, addr.String())
	}
}

func (r *relation) multiaddrs() []ma.Multiaddr {
	var addrs []ma.Multiaddr
	for _, text := range r.Addrs {
		if addr, err := ma.NewMultiaddr(text); err == nil {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}

// timeToSpeak is At of our next statement to it: the present, or just behind the one before if the clock went back.
func (r *relation) timeToSpeak() uint64 {
	r.Spoke = max(unixMilli(), r.Spoke+1)
	return r.Spoke
}

// tidy leaves in a relation what its state has a use for.
func (r *relation) tidy(lapses uint64) {
	switch r.standing() {
	case trust.Requested:
		if lapses != 0 {
			r.Expires = lapses
		}
	case trust.Pending:
		if r.Expires == 0 {
			r.Expires = unixMilli() + uint64(pendingFor.Milliseconds())
		}
	case trust.Trusted:
		r.Expires, r.Pinned = 0, true
		if r.Scopes != nil && r.Scopes.Until != nil {
			r.Expires = *r.Scopes.Until
		}
	default:
		r.Expires = 0
		// What was granted ends with the trust: the next one begins anew.
		r.Scopes, r.Granted = nil, nil
	}
	if r.standing() != trust.Pending {
		r.Text, r.Source, r.Invited = "", "", false
	}
}

// admitted is what a contact may open here.
type admitted struct{ trust.Scopes }

// Admits includes what a program has registered with the host by itself: that is for contacts who may open all ports.
// It looks at the clock: from Until on nothing is served, also where the end of trust is not on the disk yet.
func (a admitted) Admits(proto protocol.ID) bool {
	if a.Until != nil && *a.Until <= unixMilli() {
		return false
	}
	foreign := !strings.HasPrefix(string(proto), "/airway/")
	return a.Scopes.Admits(proto) || foreign && a.Ports.All
}

func unixMilli() uint64 { return uint64(time.Now().UnixMilli()) }
