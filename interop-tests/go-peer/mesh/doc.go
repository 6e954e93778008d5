// Package mesh holds what agents of one network agree on: how a network begins, who is in it, who is in it no more, how one
// comes to be in it, and what members say of themselves in its DHT.
//
//	Genesis ─► NetworkID ─► Realm      what a network is, and what its protocols are called
//	Certificate   Revocations          who is a member, and who is one no more
//	Invite ─► JoinRequest, JoinReply   how an agent becomes a member
//	Hello, AdmitAnswer                 how two members prove to each other that they are
//	Claim ─► Key, Set                  what a member says of itself, and where
//
// The package is pure: it has no disk, no clock and no network. Times are milliseconds since the Unix epoch.
package mesh

import (
	"errors"
	"fmt"
)

// MaxTime is the latest time that any object may name: a number that every database and every JSON reader has.
const MaxTime = 1 << 53

// ClockSkew is how far the clocks of two agents may be apart before one calls invalid what the other has signed.
const ClockSkew = 5 * 60 * 1000

// What a reader of bytes was given instead of what it expected; errors.Is tells them apart.
var (
	ErrGenesis     = errors.New("not a genesis")
	ErrCertificate = errors.New("not a certificate")
	ErrRevocations = errors.New("not a revocation list")
	ErrInvite      = errors.New("not an invite")
	ErrClaim       = errors.New("not a claim")
	ErrSet         = errors.New("not a set of claims")
	ErrFrame       = errors.New("not a frame of join or admit")
)

// fault is an error of a kind. Its text is that of the cause, which says more.
type fault struct{ kind, cause error }

func (f fault) Error() string   { return f.cause.Error() }
func (f fault) Unwrap() []error { return []error{f.kind, f.cause} }

// refuse says which rule for objects of a kind is broken.
func refuse(kind error, format string, args ...any) error {
	return fault{kind: kind, cause: fmt.Errorf(format, args...)}
}
