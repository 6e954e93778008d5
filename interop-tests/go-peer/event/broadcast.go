package event

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

const (
	// MaxBroadcast caps a broadcast's envelope, in bytes: gossipsub's frames have 64 KiB.
	MaxBroadcast = 64_512
	// MaxTransmit caps one of gossipsub's frames, in bytes, for all members alike.
	MaxTransmit = 64 * 1024
	// messageIDBytes is how long a [MessageID] is.
	messageIDBytes = 20

	broadcastVersion = 1
	// messageDomain keeps the hash apart from every other one.
	messageDomain = "airway-mid-v1\x00"
)

// ErrBroadcast says that bytes are no broadcast of the network.
var ErrBroadcast = errors.New("not a broadcast")

// Broadcast is what a member says to all members of its network: topic, payload, and its place among all that the member
// has said. All checks but those of time, of expulsion, and of having had it before have been made.
type Broadcast struct {
	body        broadcastBody
	certificate *mesh.Certificate
	envelope    []byte
}

// broadcastBody is the signed payload, in the order of the wire.
type broadcastBody struct {
	Version     uint64         `cbor:"version"`
	Network     mesh.NetworkID `cbor:"network"`
	By          [32]byte       `cbor:"by"`
	Topic       Topic          `cbor:"topic"`
	Position    Position       `cbor:"position"`
	At          uint64         `cbor:"at"`
	Payload     []byte         `cbor:"payload"`
	Certificate []byte         `cbor:"certificate"`
}

func (*broadcastBody) Domain() string     { return "airway-event-v1" }
func (*broadcastBody) MaxBytes() int      { return MaxBroadcast }
func (b *broadcastBody) Signer() [32]byte { return b.By }

// Certify verifies the bytes of a certificate.
type Certify func([]byte) (*mesh.Certificate, error)

// BroadcastDraft is what is to be broadcast. See [Broadcast] for the fields.
type BroadcastDraft struct {
	Topic    Topic
	Position Position
	At       uint64
	Payload  []byte
	// Certificate is that of the key.
	Certificate *mesh.Certificate
}

// SignBroadcast signs a broadcast.
func SignBroadcast(key crypto.PrivKey, network mesh.NetworkID, draft BroadcastDraft) (*Broadcast, error) {
	by, err := wire.RawKey(key.GetPublic())
	if err != nil {
		return nil, fmt.Errorf("%w: the key of the author: %w", ErrBroadcast, err)
	}
	body := broadcastBody{
		Version: broadcastVersion, Network: network, By: by, Topic: draft.Topic, Position: draft.Position, At: draft.At,
		Payload: draft.Payload, Certificate: draft.Certificate.Bytes(),
	}
	if err := withinLimit(draft.Payload); err != nil {
		return nil, err
	}
	envelope, err := wire.Seal(key, &body)
	if err != nil {
		return nil, fmt.Errorf("%w: it was not signed: %w", ErrBroadcast, err)
	}
	// Read first, so that a broadcast which nobody would forward is not sent.
	return ParseBroadcast(envelope, network, func([]byte) (*mesh.Certificate, error) { return draft.Certificate, nil })
}

// ParseBroadcast verifies the bytes of a broadcast of this network. What verifies the certificate is asked last.
func ParseBroadcast(b []byte, network mesh.NetworkID, certify Certify) (*Broadcast, error) {
	one := Broadcast{envelope: bytes.Clone(b)}
	if _, err := wire.Open(b, &one.body); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroadcast, err)
	}
	switch {
	case one.body.Version != broadcastVersion:
		return nil, fmt.Errorf("%w: version %d is not known, only %d is", ErrBroadcast, one.body.Version, broadcastVersion)
	case one.body.Network != network:
		return nil, fmt.Errorf("%w: it is of network %v", ErrBroadcast, one.body.Network)
	}
	if err := withinLimit(one.body.Payload); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroadcast, err)
	}
	var err error
	if one.certificate, err = certify(one.body.Certificate); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroadcast, err)
	}
	if key, err := wire.RawKey(one.certificate.Key()); err != nil || key != one.body.By {
		return nil, fmt.Errorf("%w: the certificate in it is another member's", ErrBroadcast)
	}
	return &one, nil
}

// Bytes are the signed envelope, which is what gossipsub carries.
func (b *Broadcast) Bytes() []byte { return bytes.Clone(b.envelope) }

// ID is the id that gossipsub has for it.
func (b *Broadcast) ID() string { return MessageID(b.envelope) }

// Topic is what it is about.
func (b *Broadcast) Topic() Topic { return b.body.Topic }

// Position is its place among the author's broadcasts.
func (b *Broadcast) Position() Position { return b.body.Position }

// At is when it was signed, by the author's clock.
func (b *Broadcast) At() uint64 { return b.body.At }

// Payload is what it says.
func (b *Broadcast) Payload() []byte { return b.body.Payload }

// Certificate is by what right the author is in the network. Whether it still stands is not checked.
func (b *Broadcast) Certificate() *mesh.Certificate { return b.certificate }

// MessageID is the id that gossipsub has for a message with these data: a hash of all of them. An id of author and number
// would let a forgery that is sent ahead suppress the original.
func MessageID(data []byte) string {
	hash := sha256.Sum256(append([]byte(messageDomain), data...))
	return string(hash[:messageIDBytes])
}
