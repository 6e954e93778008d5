package decode

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"io"

	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// smallFrame is a cap that hand-made frames get over.
const smallFrame = 16

func wireDecoders() map[string]Decoder {
	return map[string]Decoder{
		"cbor":             cbor,
		"frame":            frames,
		"envelope":         envelope,
		"envelope_payload": Sealed("airway-vector-note-v1", envelope),
	}
}

// cbor accepts every message in the strict subset.
func cbor(input []byte) ([]byte, error) { return nil, wire.Decode(input, &struct{}{}) }

// frames reads frames to the end of the stream, and understands their lengths and bodies.
func frames(input []byte) (understood []byte, err error) {
	for _, max := range []int{smallFrame, wire.ControlFrame} {
		stream := bytes.NewReader(input)
		var body []byte
		for err = nil; err == nil; {
			if body, err = wire.ReadFrame(stream, max); err == nil {
				understood = append(binary.BigEndian.AppendUint32(understood, uint32(len(body))), body...)
			}
		}
	}
	if errors.Is(err, io.EOF) {
		return understood, nil
	}
	return nil, err
}

// note is the object of the golden vectors of envelopes.
type note struct {
	Key  [32]byte `cbor:"key"`
	Text string   `cbor:"text"`
}

func (*note) Domain() string     { return "airway-vector-note-v1" }
func (*note) MaxBytes() int      { return 512 }
func (n *note) Signer() [32]byte { return n.Key }

func envelope(input []byte) ([]byte, error) {
	var n note
	if _, err := wire.Open(input, &n); err != nil {
		return nil, err
	}
	return wire.Encode(&n)
}

// Key is the key of decoders that sign their input, from a seed of 32 ones.
func Key() (crypto.PrivKey, error) {
	return crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)))
}

// Sealed is a decoder of envelopes that is given the payload, which [Key] has validly signed whatever it is.
func Sealed(domain string, decoder Decoder) Decoder {
	return func(payload []byte) ([]byte, error) {
		key, err := Key()
		if err != nil {
			return nil, err
		}
		envelope, err := wire.SealPayload(key, domain, payload)
		if err != nil {
			return nil, err
		}
		return decoder(envelope)
	}
}
