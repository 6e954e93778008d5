package polo

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// Which rule a receipt breaks. What is wrong with its envelope is one of the errors of package wire.
var (
	// ErrReceipt says that it breaks a rule that has no error of its own.
	ErrReceipt = errors.New("the receipt breaks a rule")
	// ErrClamp says that its times are better than the worker's own.
	ErrClamp = errors.New("the receipt grants better times than were claimed")
	// ErrReward says that the reward does not follow from the times.
	ErrReward = errors.New("the reward does not follow from the times")
	// ErrForeignClaim says that the claim in it is for another requester than the signer.
	ErrForeignClaim = fmt.Errorf("%w: the claim in it is for another requester", ErrReceipt)
)

// ClaimError says that the claim in a receipt is not valid.
type ClaimError struct{ Err error }

// Error implements error.
func (e *ClaimError) Error() string { return "the claim in it: " + e.Err.Error() }

// Unwrap returns what is wrong with it.
func (e *ClaimError) Unwrap() error { return e.Err }

// Pair is whose chain a receipt is in.
type Pair struct {
	Requester, Worker id.AgentID
}

// Hash names a receipt.
type Hash [32]byte

// hashDomain keeps this hash apart from every other use of SHA-256 over an envelope.
const hashDomain = "airway-receipt-id-v1\x00"

// HashOf is the hash of the receipt with this envelope.
func HashOf(envelope []byte) Hash { return sha256.Sum256(append([]byte(hashDomain), envelope...)) }

// String is the hash as text.
func (h Hash) String() string { return fmt.Sprintf("%x", h[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (h *Hash) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(h) {
		return ErrHash
	}
	*h = Hash(b)
	return nil
}

// ErrHash says that a text is not the hash of a receipt.
var ErrHash = errors.New("the hash of a receipt is 64 hexadecimal digits")

// Place is where a receipt stands in the chain of its pair.
type Place struct {
	// Seq counts from 1.
	Seq uint64
	// Prev is the hash of the one before; zeros for the first.
	Prev Hash
}

// Receipt is a claim that its requester has signed: what it grants of the times, what that is worth, and the place of it.
type Receipt struct {
	Claim *Claim
	Times
	Reward uint64
	Place
	// At is when it was signed, by the requester's clock, in milliseconds since 1970.
	At        uint64
	requester id.AgentID
	envelope  []byte
	hash      Hash
}

// receiptBody is the signed payload. The order of the fields is their order on the wire.
type receiptBody struct {
	Version   uint64   `cbor:"version"`
	Requester [32]byte `cbor:"requester"`
	Claim     []byte   `cbor:"claim"`
	Idle      uint64   `cbor:"idle"`
	Staged    uint64   `cbor:"staged"`
	CPU       uint64   `cbor:"cpu"`
	Reward    uint64   `cbor:"reward"`
	Seq       uint64   `cbor:"seq"`
	Prev      Hash     `cbor:"prev"`
	At        uint64   `cbor:"at"`
}

// maxReceipt caps the envelope of a receipt, in bytes.
const maxReceipt = 1024

// Domain implements [wire.Object].
func (*receiptBody) Domain() string { return "airway-receipt-v1" }

// MaxBytes implements [wire.Object].
func (*receiptBody) MaxBytes() int { return maxReceipt }

// Signer implements [wire.Object].
func (b *receiptBody) Signer() [32]byte { return b.Requester }

// Granted is what a requester grants of what was claimed: it has seen that the task lay around for so long at least, and was
// worked on for so long at most.
func Granted(claimed Times, idleAtLeast, cpuAtMost uint64) Times {
	return Times{Idle: max(claimed.Idle, idleAtLeast), Staged: claimed.Staged, CPU: min(claimed.CPU, cpuAtMost)}
}

// rewardOf is what a claim is worth with these times.
func rewardOf(c *Claim, granted Times) uint64 {
	if c.Outcome != Success {
		return 0
	}
	return min(Reward(granted.Idle, granted.Staged, granted.CPU), c.MaxReward)
}

// Issue signs the receipt of a claim.
func Issue(key crypto.PrivKey, c *Claim, granted Times, place Place, at uint64) (*Receipt, error) {
	raw, err := wire.RawKey(key.GetPublic())
	if err != nil {
		return nil, err
	}
	envelope, err := wire.Seal(key, &receiptBody{
		Version: version, Requester: raw, Claim: c.envelope, Idle: granted.Idle, Staged: granted.Staged, CPU: granted.CPU,
		Reward: rewardOf(c, granted), Seq: place.Seq, Prev: place.Prev, At: at,
	})
	if err != nil {
		return nil, err
	}
	return ParseReceipt(envelope)
}

// ParseReceipt verifies the bytes of a receipt: both signatures, the clamps, and the reward.
func ParseReceipt(envelope []byte) (*Receipt, error) {
	var b receiptBody
	key, err := wire.Open(envelope, &b)
	if err != nil {
		return nil, err
	}
	if b.Version != version {
		return nil, fmt.Errorf("%w: version %d is not known, only %d is", ErrReceipt, b.Version, version)
	}
	claim, err := ParseClaim(b.Claim)
	if err != nil {
		return nil, &ClaimError{err}
	}
	r := &Receipt{
		Claim: claim, Times: Times{Idle: b.Idle, Staged: b.Staged, CPU: b.CPU}, Reward: b.Reward, Place: Place{b.Seq, b.Prev}, At: b.At,
		envelope: slices.Clone(envelope), hash: HashOf(envelope),
	}
	if r.requester, err = id.AgentIDOf(key); err != nil {
		return nil, err
	}
	return r, r.check()
}

func (r *Receipt) check() error {
	claimed := r.Claim.Times
	switch {
	case r.requester != r.Claim.Requester:
		return ErrForeignClaim
	case r.Seq == 0 || (r.Seq == 1) != (r.Prev == Hash{}):
		return fmt.Errorf("%w: the first of a chain alone has none before it", ErrReceipt)
	case max(r.At, r.Idle, r.Staged, r.CPU, r.Reward, r.Seq) > MaxNumber:
		return fmt.Errorf("%w: a number is over the limit", ErrReceipt)
	case r.Idle < claimed.Idle || r.Staged < claimed.Staged || r.CPU > claimed.CPU:
		return ErrClamp
	}
	if due := rewardOf(r.Claim, r.Times); r.Reward != due {
		return fmt.Errorf("%w: it is %d where %d is due", ErrReward, r.Reward, due)
	}
	return nil
}

// Bytes are the signed envelope.
func (r *Receipt) Bytes() []byte { return slices.Clone(r.envelope) }

// Hash names it.
func (r *Receipt) Hash() Hash { return r.hash }

// Pair is whose chain it is in.
func (r *Receipt) Pair() Pair { return Pair{r.requester, r.Claim.worker} }

// Entry is what counts of it.
func (r *Receipt) Entry() Entry {
	return Entry{Pair: r.Pair(), Outcome: r.Claim.Outcome, Reward: r.Reward, At: r.At}
}

// Next is the place behind it.
func (r *Receipt) Next() Place { return Place{r.Seq + 1, r.hash} }

// First is the place at the beginning of a chain.
func First() Place { return Place{Seq: 1} }
