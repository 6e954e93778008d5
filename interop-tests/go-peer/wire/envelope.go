package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/crypto"
)

// PayloadType is what every envelope of ours says that it holds.
const PayloadType = "/airway/cbor"

// Object is a message that is only ever sent signed. It is a pointer to a struct, into which [Open] decodes.
type Object interface {
	// Domain keeps signatures over this kind of object apart from all others: airway-<kind>-v1.
	Domain() string
	// MaxBytes is the cap of the whole envelope; a longer one is refused unread.
	MaxBytes() int
	// Signer is the Ed25519 public key that the object names as its author's.
	Signer() [32]byte
}

// Why an object was not sealed or opened, besides [ErrWeakKey] and [ErrNotEd25519].
var (
	// ErrEnvelopeSize says that the envelope is longer than objects of this kind may be.
	ErrEnvelopeSize = errors.New("the envelope is over its limit")
	// ErrEnvelope says that the bytes are no signed envelope.
	ErrEnvelope = errors.New("not a signed envelope")
	// ErrNotCanonical says that the envelope is not in the one form that sealing writes.
	ErrNotCanonical = errors.New("the envelope has an unusual encoding")
	// ErrPayloadType says that the envelope says that it holds something else.
	ErrPayloadType = errors.New("the envelope holds another type of payload")
	// ErrSignature says that the bytes were altered, or signed as another kind of object.
	ErrSignature = errors.New("the signature does not fit")
	// ErrPayload says that the payload is validly signed, but not a valid object of this kind.
	ErrPayload = errors.New("the signed payload is not valid")
	// ErrSigner says that the object names another author than the key that signed it.
	ErrSigner = errors.New("the object was signed by another key than it names")
)

// The fields of an envelope, each a byte string, as their keys in protobuf, and of an Ed25519 key.
const (
	envelopeKey       = 0x0A
	envelopeType      = 0x12
	envelopePayload   = 0x1A
	envelopeSignature = 0x2A
	keyHead           = "\x08\x01\x12\x20"
)

// Seal signs an object with the key that it names, and returns the envelope.
func Seal(key crypto.PrivKey, o Object) ([]byte, error) {
	raw, err := RawKey(key.GetPublic())
	if err != nil {
		return nil, err
	}
	if raw != o.Signer() {
		return nil, ErrSigner
	}
	payload, err := Encode(o)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	envelope, err := SealPayload(key, o.Domain(), payload)
	if err != nil {
		return nil, err
	}
	if len(envelope) > o.MaxBytes() {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrEnvelopeSize, len(envelope), o.MaxBytes())
	}
	return envelope, nil
}

// SealPayload signs any payload. Whether an object comes of it is found out by who opens it.
func SealPayload(key crypto.PrivKey, domain string, payload []byte) ([]byte, error) {
	raw, err := RawKey(key.GetPublic())
	if err != nil {
		return nil, err
	}
	signature, err := key.Sign(signedBytes(domain, payload))
	if err != nil {
		return nil, fmt.Errorf("the key cannot sign: %w", err)
	}
	return envelopeOf(raw, payload, signature), nil
}

// Open verifies an envelope, and decodes the object inside into o. The signer is whom the object names.
func Open(b []byte, o Object) (crypto.PubKey, error) {
	if len(b) > o.MaxBytes() {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrEnvelopeSize, len(b), o.MaxBytes())
	}
	key, payload, err := openPayload(b, o.Domain())
	if err != nil {
		return nil, err
	}
	if err := Decode(payload, o); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	if raw, err := RawKey(key); err != nil || raw != o.Signer() {
		return nil, ErrSigner
	}
	return key, nil
}

// openPayload verifies all of an envelope but what its payload says.
func openPayload(b []byte, domain string) (crypto.PubKey, []byte, error) {
	key, rest, okKey := takeField(b, envelopeKey)
	kind, rest, okType := takeField(rest, envelopeType)
	payload, rest, okPayload := takeField(rest, envelopePayload)
	isUnsigned := okPayload && len(rest) == 0
	signature, rest, okSignature := takeField(rest, envelopeSignature)
	if !okKey || !okType || !okPayload || !okSignature && !isUnsigned {
		return nil, nil, ErrEnvelope
	}
	raw, isEd25519 := bytes.CutPrefix(key, []byte(keyHead))
	if !isEd25519 || !isPoint(raw) {
		return nil, nil, ErrNotEd25519
	}
	if string(kind) != PayloadType {
		return nil, nil, ErrPayloadType
	}
	if isUnsigned {
		return nil, nil, ErrSignature
	}
	// The same object under another encoding would go under another hash.
	if len(rest) > 0 || !slices.Equal(envelopeOf([32]byte(raw), payload, signature), b) {
		return nil, nil, ErrNotCanonical
	}
	public, err := StrongKey(raw)
	if err != nil {
		return nil, nil, err
	}
	if ok, err := public.Verify(signedBytes(domain, payload), signature); err != nil || !ok {
		return nil, nil, ErrSignature
	}
	return public, payload, nil
}

// takeField takes a field of an envelope, and returns what follows it.
func takeField(b []byte, key byte) (field, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != key {
		return nil, nil, false
	}
	length, width := binary.Uvarint(b[1:])
	if width <= 0 || length > uint64(len(b)-1-width) {
		return nil, nil, false
	}
	end := 1 + width + int(length)
	return b[1+width : end], b[end:], true
}

// envelopeOf writes the one form of an envelope.
func envelopeOf(key [32]byte, payload, signature []byte) []byte {
	b := appendField(nil, envelopeKey, append([]byte(keyHead), key[:]...))
	b = appendField(b, envelopeType, []byte(PayloadType))
	b = appendField(b, envelopePayload, payload)
	return appendField(b, envelopeSignature, signature)
}

func appendField(b []byte, key byte, field []byte) []byte {
	return append(binary.AppendUvarint(append(b, key), uint64(len(field))), field...)
}

// signedBytes is what a signature is over: domain, type and payload, each with its length in front.
func signedBytes(domain string, payload []byte) []byte {
	var b []byte
	for _, part := range [][]byte{[]byte(domain), []byte(PayloadType), payload} {
		b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
	}
	return b
}
