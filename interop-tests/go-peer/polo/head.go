package polo

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

const (
	// MaxPairs is the most pairs of one head. Whoever has worked with more agents names them one by one.
	MaxPairs = 4096
	// maxHead caps the envelope of a head, in bytes: 144 for each pair, and 512 beside them.
	maxHead = MaxPairs*144 + 512
)

// ErrHead says that a head breaks a rule.
var ErrHead = errors.New("the head breaks a rule")

// Tip is the end of a chain.
type Tip struct {
	Requester id.AgentID `cbor:"requester"`
	Worker    id.AgentID `cbor:"worker"`
	// Seq is the number of the last receipt, Hash its hash.
	Seq  uint64 `cbor:"seq"`
	Hash Hash   `cbor:"hash"`
}

// Pair is whose chain it is.
func (t Tip) Pair() Pair { return Pair{t.Requester, t.Worker} }

// Head is what an agent says that its chains are. To leave a pair out, or to name an early end, costs nothing; but the other of
// the pair has the same chain, and may say so.
type Head struct {
	// Tips are the ends of its chains, ascending by requester and then by worker.
	Tips []Tip
	// With is the one agent whose chains with it these are; nil: these are all.
	With *id.AgentID
	// At is when it was signed, in milliseconds since 1970.
	At       uint64
	agent    id.AgentID
	envelope []byte
}

// headBody is the signed payload. The order of the fields is their order on the wire.
type headBody struct {
	Version uint64      `cbor:"version"`
	Agent   [32]byte    `cbor:"agent"`
	Pairs   []Tip       `cbor:"pairs"`
	With    *id.AgentID `cbor:"with,omitzero"`
	At      uint64      `cbor:"at"`
}

// Domain implements [wire.Object].
func (*headBody) Domain() string { return "airway-polo-head-v1" }

// MaxBytes implements [wire.Object].
func (*headBody) MaxBytes() int { return maxHead }

// Signer implements [wire.Object].
func (b *headBody) Signer() [32]byte { return b.Agent }

// SignHead signs where the chains of an agent end, in whichever order they are given; with says that it is about those with one
// agent alone.
func SignHead(key crypto.PrivKey, tips []Tip, with *id.AgentID, at uint64) (*Head, error) {
	raw, err := wire.RawKey(key.GetPublic())
	if err != nil {
		return nil, err
	}
	tips = slices.SortedFunc(slices.Values(tips), func(one, other Tip) int { return one.Pair().compare(other.Pair()) })
	envelope, err := wire.Seal(key, &headBody{Version: version, Agent: raw, Pairs: tips, With: with, At: at})
	if err != nil {
		return nil, err
	}
	return ParseHead(envelope)
}

// ParseHead verifies the bytes of a head.
func ParseHead(envelope []byte) (*Head, error) {
	var b headBody
	key, err := wire.Open(envelope, &b)
	if err != nil {
		return nil, err
	}
	h := &Head{Tips: b.Pairs, With: b.With, At: b.At, envelope: slices.Clone(envelope)}
	if h.agent, err = id.AgentIDOf(key); err != nil {
		return nil, err
	}
	return h, h.check(b.Version)
}

func (h *Head) check(of uint64) error {
	switch {
	case of != version:
		return fmt.Errorf("%w: version %d is not known, only %d is", ErrHead, of, version)
	case len(h.Tips) > MaxPairs:
		return fmt.Errorf("%w: %d pairs, at most %d", ErrHead, len(h.Tips), MaxPairs)
	case h.At > MaxNumber:
		return fmt.Errorf("%w: %d is no number that it may have", ErrHead, h.At)
	}
	for at, tip := range h.Tips {
		switch {
		case tip.Seq == 0 || tip.Seq > MaxNumber:
			return fmt.Errorf("%w: %d is no number that it may have", ErrHead, tip.Seq)
		case at > 0 && h.Tips[at-1].Pair().compare(tip.Pair()) >= 0:
			return fmt.Errorf("%w: its pairs ascend, and none is there twice", ErrHead)
		case !h.IsAbout(tip.Pair()):
			return fmt.Errorf("%w: it names a pair that it is not about", ErrHead)
		}
	}
	return nil
}

// Bytes are the signed envelope.
func (h *Head) Bytes() []byte { return slices.Clone(h.envelope) }

// Agent is whose chains these are.
func (h *Head) Agent() id.AgentID { return h.agent }

// IsAbout says whether it says something of a pair: that its chain ends somewhere, or that there is none.
func (h *Head) IsAbout(pair Pair) bool {
	other := pair.Requester
	switch h.agent {
	case pair.Requester:
		other = pair.Worker
	case pair.Worker:
	default:
		return false
	}
	return other != h.agent && (h.With == nil || *h.With == other)
}

// compare orders pairs by requester, and then by worker.
func (p Pair) compare(other Pair) int {
	return cmp.Or(bytes.Compare(p.Requester[:], other.Requester[:]), bytes.Compare(p.Worker[:], other.Worker[:]))
}

// String says who worked for whom.
func (p Pair) String() string {
	return fmt.Sprintf("%s for %s", p.Worker.Fingerprint(), p.Requester.Fingerprint())
}
