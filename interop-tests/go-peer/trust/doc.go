// Package trust is how two agents come to trust each other by signed statements, and cease to by one.
//
//	ada                                                   bob
//	  request {generation, card, text?, scopes?} ───────────►   pending, until its owner decides
//	  ◄──── accept {generation, answers: request, scopes?}      both trust each other now
//	  revoke {generation} ──────────────────────────────────►   both have ceased to
//
// A [Statement] is CBOR in a signed envelope. Its id is a hash of the envelope, and whatever answers a request names it.
// Statements travel over the trust protocol, which is open to those whom we trust or have asked, or else over knock, the
// only protocol that is open to strangers. A [Ticket] approves a request at once.
//
// A [Relation] is what one agent knows of its trust in another. It is pure: events go in, and out come the next state,
// what to say, and what has changed. What the caller does for it: At of one author to one agent grows with each statement,
// also when the clock does not; the relation is stored before anything is said; the last statement said is told again
// until it is answered; a statement from the future ([Statement.IsAhead]) is refused.
package trust

import (
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// The protocols.
const (
	// Protocol is the one of port 444.
	Protocol = service.TrustProtocol
	// KnockProtocol is how a stranger says something. It belongs to no port.
	KnockProtocol protocol.ID = "/airway/knock/1.0.0"
)

// Limits.
const (
	// MaxFrame is the cap of a frame that carries a statement, in bytes.
	MaxFrame = 8 * 1024
	// MaxBytes is the cap of a statement's envelope, in bytes.
	MaxBytes = 7936
	// MaxText is the longest text of a statement, in bytes of UTF-8: a screen full.
	MaxText = 1024
	// MaxGeneration is the largest generation. A relation that gets there stands still at it.
	MaxGeneration = 1 << 53
	// MaxTime is the largest time, in milliseconds since the Unix epoch.
	MaxTime = 1 << 53
	// MaxAhead is how far the author's clock may be ahead of the reader's, in milliseconds: a day, for a wrong date.
	MaxAhead = 24 * 60 * 60 * 1000
	// MaxPorts is how many ports one set of scopes has.
	MaxPorts = 64
	// MaxPatterns is how many patterns each list of scopes has.
	MaxPatterns = 16
)
