package trust

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// Kind is what a statement says. Closed: a number that is not here is a malformed statement.
type Kind uint8

// The four things that are said about trust.
const (
	// KindRequest says: let us trust each other. It carries the author's card.
	KindRequest Kind = iota
	// KindAccept says yes to a request.
	KindAccept
	// KindReject says no to a request.
	KindReject
	// KindRevoke says that the trust is over, or the author's own request is.
	KindRevoke
)

// Check implements the rule of the set.
func (k Kind) Check() error {
	if k > KindRevoke {
		return fmt.Errorf("%d is no kind", k)
	}
	return nil
}

// String is the word for it.
func (k Kind) String() string {
	switch k {
	case KindRequest:
		return "request"
	case KindAccept:
		return "accept"
	case KindReject:
		return "reject"
	case KindRevoke:
		return "revoke"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// idDomain keeps this hash apart from every other use of SHA-256 over an envelope.
const idDomain = "airway-trust-id-v1\x00"

// ErrStatementID says that a text is not the id of a statement.
var ErrStatementID = errors.New("the id of a statement is 52 characters of base32 (a-z, 2-7)")

// StatementID is a statement by its hash: the SHA-256 of its envelope under a domain of its own. In messages it is its 32
// bytes, in texts and JSON 52 characters of base32.
type StatementID [32]byte

// StatementIDOf is the id of the statement with this envelope.
func StatementIDOf(envelope []byte) StatementID {
	return sha256.Sum256(append([]byte(idDomain), envelope...))
}

// ParseStatementID reads an id in either case.
func ParseStatementID(text string) (StatementID, error) {
	b, ok := id.Unbase32(text)
	if !ok {
		return StatementID{}, ErrStatementID
	}
	return b, nil
}

// String is the id as text.
func (s StatementID) String() string { return id.Base32(s[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (s StatementID) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *StatementID) UnmarshalText(text []byte) (err error) {
	*s, err = ParseStatementID(string(text))
	return err
}
