package id

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// agentDomain keeps this hash apart from every other use of SHA-256 over a public key.
const agentDomain = "airway-agent-v1\x00"

// peerHead is what stands before the key in the bytes of an Ed25519 peer id: identity multihash of 36 bytes, then the
// protobuf fields "type = Ed25519" and "data of 32 bytes".
const peerHead = "\x00\x24\x08\x01\x12\x20"

var (
	// ErrNotAgent says that a peer id does not carry an Ed25519 key, or a weak one, and so is no agent.
	ErrNotAgent = errors.New("the peer has no ed25519 key, or a weak one")
	// ErrAgentID says that a text is no agent id.
	ErrAgentID = errors.New("an agent id is 52 characters of base32 (a-z, 2-7)")
)

// AgentID is an agent, for life: the SHA-256 of its first public key under a domain of its own. In messages it is its 32
// bytes, in texts and JSON 52 characters of base32.
type AgentID [32]byte

// AgentIDOf is the agent whose first key this is.
func AgentIDOf(key crypto.PubKey) (AgentID, error) {
	raw, err := wire.RawKey(key)
	if err != nil {
		return AgentID{}, err
	}
	return sha256.Sum256(append([]byte(agentDomain), raw[:]...)), nil
}

// AgentIDOfPeer is the agent behind an authenticated peer id.
func AgentIDOfPeer(p peer.ID) (AgentID, error) {
	key, err := KeyOfPeer(p)
	if err != nil {
		return AgentID{}, err
	}
	return AgentIDOf(key)
}

// KeyOfPeer is the Ed25519 key inside a peer id. It is refused if it is weak, or in another form than libp2p writes.
func KeyOfPeer(p peer.ID) (crypto.PubKey, error) {
	raw, isEd25519 := bytes.CutPrefix([]byte(p), []byte(peerHead))
	if !isEd25519 {
		return nil, ErrNotAgent
	}
	key, err := wire.StrongKey(raw)
	if err != nil {
		return nil, errors.Join(ErrNotAgent, err)
	}
	return key, nil
}

// ParseAgentID reads an agent id in either case.
func ParseAgentID(text string) (AgentID, error) {
	bytes, ok := Unbase32(text)
	if !ok {
		return AgentID{}, ErrAgentID
	}
	return AgentID(bytes), nil
}

// Fingerprint is the short form that people compare and copy.
func (a AgentID) Fingerprint() Fingerprint { return Fingerprint(a[:fingerprintBytes]) }

// String is the id as text.
func (a AgentID) String() string { return Base32(a[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (a AgentID) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (a *AgentID) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAgentID(string(text))
	return err
}

var unpadded = base32.StdEncoding.WithPadding(base32.NoPadding)

// Base32 is how ids of 32 bytes are written: in lower case.
func Base32(b []byte) string { return strings.ToLower(unpadded.EncodeToString(b)) }

// Unbase32 reads 32 bytes in base32, in either case.
func Unbase32(text string) ([32]byte, bool) {
	b, ok := fromBase32(text)
	if !ok || len(b) != 32 {
		return [32]byte{}, false
	}
	return [32]byte(b), true
}

// fromBase32 reads the one spelling of some bytes but for its case: no padding, no line ends, no bits left over.
func fromBase32(text string) ([]byte, bool) {
	for _, c := range []byte(text) {
		if c >= 0x80 {
			return nil, false
		}
	}
	b, err := unpadded.DecodeString(strings.ToUpper(text))
	return b, err == nil && Base32(b) == strings.ToLower(text)
}
