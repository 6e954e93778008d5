package polo

import (
	"errors"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/task"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// Outcome is how a task ended at which something was done. It is a closed set.
type Outcome uint8

// The outcomes.
const (
	// Success: there is a result.
	Success Outcome = iota + 1
	// Failure: it was begun, and came to nothing.
	Failure
	// Expiry: it was accepted, and never begun.
	Expiry
)

// Check refuses a number that stands for nothing. It is a wire.Checker.
func (o Outcome) Check() error {
	if o < Success || o > Expiry {
		return fmt.Errorf("%w: outcome %d", ErrClaim, uint8(o))
	}
	return nil
}

// String is the word for it.
func (o Outcome) String() string {
	switch o {
	case Success:
		return "success"
	case Failure:
		return "failed"
	case Expiry:
		return "expired"
	}
	return fmt.Sprintf("outcome %d", uint8(o))
}

// MaxNumber is the largest number in a claim, a receipt and a head: every database and every reader of JSON has it.
const MaxNumber = trust.MaxTime

// ErrClaim says that a claim breaks a rule.
var ErrClaim = errors.New("the claim breaks a rule")

// Times are how long a task took, in milliseconds.
type Times = task.Times

// Draft is what a worker claims, before it is signed.
type Draft struct {
	Requester id.AgentID
	Task      task.ID
	// Request is the digest of the body.
	Request [32]byte
	// Output is the digest of the output; zeros if there is none.
	Output  [32]byte
	Outcome Outcome
	Times
	// MaxReward is the most that it is worth, as the task says.
	MaxReward uint64
	// At is when it was signed, by the worker's clock, in milliseconds since 1970.
	At uint64
}

// Claim is what a worker has done, signed by it.
type Claim struct {
	Draft
	key      crypto.PubKey
	worker   id.AgentID
	envelope []byte
}

// claimBody is the signed payload. The order of the fields is their order on the wire.
type claimBody struct {
	Version   uint64     `cbor:"version"`
	Worker    [32]byte   `cbor:"worker"`
	Requester id.AgentID `cbor:"requester"`
	Task      task.ID    `cbor:"task"`
	Request   [32]byte   `cbor:"request"`
	Output    [32]byte   `cbor:"output"`
	Outcome   Outcome    `cbor:"outcome"`
	Idle      uint64     `cbor:"idle"`
	Staged    uint64     `cbor:"staged"`
	CPU       uint64     `cbor:"cpu"`
	MaxReward uint64     `cbor:"max_reward"`
	At        uint64     `cbor:"at"`
}

// version is the version of all objects here.
const version = 1

// maxClaim caps the envelope of a claim, in bytes.
const maxClaim = 512

// Domain implements [wire.Object].
func (*claimBody) Domain() string { return "airway-work-v1" }

// MaxBytes implements [wire.Object].
func (*claimBody) MaxBytes() int { return maxClaim }

// Signer implements [wire.Object].
func (b *claimBody) Signer() [32]byte { return b.Worker }

// SignClaim signs what the holder of a key has done.
func SignClaim(key crypto.PrivKey, d Draft) (*Claim, error) {
	raw, err := wire.RawKey(key.GetPublic())
	if err != nil {
		return nil, err
	}
	envelope, err := wire.Seal(key, &claimBody{
		Version: version, Worker: raw, Requester: d.Requester, Task: d.Task, Request: d.Request, Output: d.Output,
		Outcome: d.Outcome, Idle: d.Idle, Staged: d.Staged, CPU: d.CPU, MaxReward: d.MaxReward, At: d.At,
	})
	if err != nil {
		return nil, err
	}
	return ParseClaim(envelope)
}

// ParseClaim verifies the bytes of a claim.
func ParseClaim(envelope []byte) (*Claim, error) {
	var b claimBody
	key, err := wire.Open(envelope, &b)
	if err != nil {
		return nil, err
	}
	c := &Claim{key: key, envelope: slices.Clone(envelope), Draft: Draft{
		Requester: b.Requester, Task: b.Task, Request: b.Request, Output: b.Output, Outcome: b.Outcome,
		Times: Times{Idle: b.Idle, Staged: b.Staged, CPU: b.CPU}, MaxReward: b.MaxReward, At: b.At,
	}}
	if c.worker, err = id.AgentIDOf(key); err != nil {
		return nil, err
	}
	return c, c.check(b.Version)
}

func (c *Claim) check(of uint64) error {
	switch {
	case of != version:
		return fmt.Errorf("%w: version %d is not known, only %d is", ErrClaim, of, version)
	case c.worker == c.Requester:
		return fmt.Errorf("%w: nobody works for itself", ErrClaim)
	case max(c.At, c.Idle, c.Staged, c.CPU, c.MaxReward) > MaxNumber:
		return fmt.Errorf("%w: a number is over the limit", ErrClaim)
	}
	return nil
}

// Bytes are the signed envelope.
func (c *Claim) Bytes() []byte { return slices.Clone(c.envelope) }

// Worker is who claims it.
func (c *Claim) Worker() id.AgentID { return c.worker }
