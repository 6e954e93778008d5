package mesh

import (
	"fmt"
	"io"

	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// JoinProtocol is how an agent becomes a member, stays one, and ceases to be. One request a stream:
//
//	{join {invite, proof, name?}} | {renew {certificate, name?}} | {leave {certificate}}
//	{granted {certificate, revocations?, cards}} | {done {}} | {refused {why}}
const JoinProtocol = protocol.ID("/airway/join/1.0.0")

const (
	// MaxCards is how many cards a reply may have: where a new member begins to look for others.
	MaxCards = 8
	// MaxReply caps a reply, in bytes: a certificate, a revocation list, the cards, and the frame around them.
	MaxReply = MaxCertificate + MaxRevocations + MaxCards*card.MaxBytes + 512
)

// JoinRequest is what is asked of an inviter: a *Join, a *Renew or a *Leave.
type JoinRequest interface{ verb() string }

// Join asks to be taken in.
type Join struct {
	Invite InviteID `cbor:"invite"`
	Proof  [32]byte `cbor:"proof"`         // what Invite.Prove made
	Name   id.Name  `cbor:"name,omitzero"` // what the joiner wants to be called
}

// Renew asks for a certificate that lasts longer in place of this one.
type Renew struct {
	Certificate []byte
	// Rename says whether the name changes, to Name or, where that is empty, to none.
	Rename bool
	Name   id.Name
}

// Leave says that its sender is a member no more: its name and its address are free.
type Leave struct {
	Certificate []byte `cbor:"certificate"`
}

func (*Join) verb() string  { return "join" }
func (*Renew) verb() string { return "renew" }
func (*Leave) verb() string { return "leave" }

// renewal is a Renew as it is sent: a name that stays is absent, and one that goes is null.
type renewal struct {
	Certificate []byte    `cbor:"certificate"`
	Name        **id.Name `cbor:"name,omitzero"`
}

// MarshalCBOR implements cbor.Marshaler.
func (r *Renew) MarshalCBOR() ([]byte, error) {
	sent := renewal{Certificate: r.Certificate}
	if r.Rename {
		sent.Name = new(*id.Name)
		if r.Name != "" {
			*sent.Name = &r.Name
		}
	}
	return wire.EncodeItem(sent)
}

// UnmarshalCBOR implements cbor.Unmarshaler.
func (r *Renew) UnmarshalCBOR(b []byte) error {
	var sent renewal
	if err := wire.DecodeItem(b, &sent); err != nil {
		return err
	}
	*r = Renew{Certificate: sent.Certificate, Rename: sent.Name != nil}
	if r.Rename && *sent.Name != nil {
		r.Name = **sent.Name
	}
	return nil
}

// JoinReply is what the inviter says: a *Granted, a *Done or a *Refused.
type JoinReply interface{ answer() string }

// Granted is what a member needs. Nothing of it is verified yet.
type Granted struct {
	Certificate []byte   `cbor:"certificate"`
	Revocations []byte   `cbor:"revocations,omitzero"` // the newest list that the inviter has
	Cards       [][]byte `cbor:"cards"`                // of members that serve the DHT or relay
}

// Done says that the leave is noted.
type Done struct{}

// Refused says that nothing has changed.
type Refused struct {
	Why Refusal `cbor:"why"`
}

func (*Granted) answer() string { return "granted" }
func (*Done) answer() string    { return "done" }
func (*Refused) answer() string { return "refused" }

// ReadJoinRequest reads what is asked. Nothing of it is verified yet.
func ReadJoinRequest(r io.Reader) (JoinRequest, error) {
	body, err := readBody(r, wire.ControlFrame, ErrEnded)
	if err != nil {
		return nil, err
	}
	verb, value, err := choice(body)
	if err != nil {
		return nil, notTheMessage(err)
	}
	for _, request := range []JoinRequest{&Join{}, &Renew{}, &Leave{}} {
		if request.verb() == verb {
			if err := wire.DecodeItem(value, request); err != nil {
				return nil, notTheMessage(err)
			}
			return request, nil
		}
	}
	return nil, notTheMessage(wire.ErrMismatch)
}

// WriteJoinRequest asks.
func WriteJoinRequest(w io.Writer, request JoinRequest) error {
	body, err := encodeChoice(request.verb(), request)
	if err != nil {
		return err
	}
	return wire.WriteFrame(w, body, wire.ControlFrame)
}

// ReadJoinReply reads the reply. ErrNoAnswer is how an inviter meets a proof that proves nothing.
func ReadJoinReply(r io.Reader) (JoinReply, error) {
	body, err := readBody(r, MaxReply, ErrNoAnswer)
	if err != nil {
		return nil, err
	}
	kind, value, err := choice(body)
	if err != nil {
		return nil, notTheMessage(err)
	}
	for _, reply := range []JoinReply{&Granted{}, &Done{}, &Refused{}} {
		if reply.answer() != kind {
			continue
		}
		if err := wire.DecodeItem(value, reply); err != nil {
			return nil, notTheMessage(err)
		}
		return reply, withinCards(reply)
	}
	return nil, notTheMessage(wire.ErrMismatch)
}

// WriteJoinReply replies.
func WriteJoinReply(w io.Writer, reply JoinReply) error {
	if err := withinCards(reply); err != nil {
		return err
	}
	body, err := encodeChoice(reply.answer(), reply)
	if err != nil {
		return err
	}
	return wire.WriteFrame(w, body, MaxReply)
}

func withinCards(reply JoinReply) error {
	if granted, ok := reply.(*Granted); ok && len(granted.Cards) > MaxCards {
		return fault{kind: ErrFrame, cause: fmt.Errorf("cards in a reply: %d are over the limit of %d", len(granted.Cards), MaxCards)}
	}
	return nil
}
