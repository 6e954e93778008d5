package id

import (
	"bytes"
	"errors"
)

// fingerprintBytes is how much of an agent id is in a fingerprint: 80 bits, out of reach of anyone who looks for a second
// agent with the same one, and exactly 16 characters of base32.
const fingerprintBytes = 10

// ErrFingerprint says that a text is no fingerprint.
var ErrFingerprint = errors.New("a fingerprint is 16 characters of base32 (a-z, 2-7)")

// Fingerprint is the first 80 bits of an agent id, written as 16 characters of base32. Unlike an address it cannot be
// ground out: an address with a fingerprint names one agent.
type Fingerprint [fingerprintBytes]byte

// ParseFingerprint reads a fingerprint in either case.
func ParseFingerprint(text string) (Fingerprint, error) {
	b, ok := fromBase32(text)
	if !ok || len(b) != fingerprintBytes {
		return Fingerprint{}, ErrFingerprint
	}
	return Fingerprint(b), nil
}

// Matches says whether this is the fingerprint of an agent.
func (f Fingerprint) Matches(agent AgentID) bool { return bytes.HasPrefix(agent[:], f[:]) }

// String is the fingerprint as text.
func (f Fingerprint) String() string { return Base32(f[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (f *Fingerprint) UnmarshalText(text []byte) (err error) {
	*f, err = ParseFingerprint(string(text))
	return err
}
