package event

import (
	"fmt"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// Event is something that was published.
type Event struct {
	Topic Topic `cbor:"topic"`
	// Publisher is who has published it, as the broker says.
	Publisher id.AgentID `cbor:"publisher"`
	Position  Position   `cbor:"position"`
	// At is when the broker took it in.
	At      uint64 `cbor:"at"`
	Payload []byte `cbor:"payload"`
}

// Gap stands in a stream where something that matched is, or may be, missing.
type Gap struct {
	// After is the last position that can be counted on.
	After Position `cbor:"after"`
	// Next is where the stream goes on.
	Next   Position `cbor:"next"`
	Reason Reason   `cbor:"reason"`
}

// Reason is why something is missing.
type Reason uint8

// The reasons there are. It is closed: another number is a malformed frame.
const (
	// Forgotten: the broker keeps so much, and no more.
	Forgotten Reason = 1
	// Restarted: the broker has started again, and what it had is gone; all that it has had since follows.
	Restarted Reason = 2
)

var reasons = [...]string{Forgotten: "forgotten", Restarted: "restarted"}

// Check refuses a number that is none of a reason.
func (r Reason) Check() error {
	if r == 0 || int(r) >= len(reasons) {
		return fmt.Errorf("there is no reason %d", uint8(r))
	}
	return nil
}

// String is the word for it.
func (r Reason) String() string {
	if r.Check() != nil {
		return fmt.Sprintf("reason %d", uint8(r))
	}
	return reasons[r]
}

// MarshalText implements [encoding.TextMarshaler].
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Denied is why a broker does not do what it was asked. It is closed; errors.Is compares with it.
type Denied uint8

// What there is.
const (
	// NotAllowed: the scopes of the other do not include it.
	NotAllowed Denied = 1
	// Invalid: it breaks a rule.
	Invalid Denied = 2
	// Full: there are as many as there may be.
	Full Denied = 3
)

var denials = [...]string{NotAllowed: "it is not allowed", Invalid: "it breaks a rule", Full: "the broker has as many as it takes"}

// Check refuses a number that is none of a denial.
func (d Denied) Check() error {
	if d == 0 || int(d) >= len(denials) {
		return fmt.Errorf("there is no denial %d", uint8(d))
	}
	return nil
}

// Error makes a denial an error.
func (d Denied) Error() string {
	if d.Check() != nil {
		return "unknown denial"
	}
	return denials[d]
}
