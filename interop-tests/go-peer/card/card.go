// Package card is the contact card: the string that an owner hands out so that somebody can reach the agent and knows
// that it is the one.
//
//	airway:<base64url, no padding, of a signed envelope>
//
// The envelope holds the public key, the network, the nonce of the address, an optional name and up to eight multiaddrs.
// The address itself is derived, never carried, so that no card can claim another's. A card does not expire: its key is
// good for life, its multiaddrs are hints.
package card

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// Prefix is what the text of every card begins with.
const Prefix = id.CardPrefix

// Limits of a card.
const (
	// MaxBytes is the cap of a card's envelope. Eight multiaddrs of full length, name and signature need below 1,400.
	MaxBytes = 2048
	// MaxAddresses is how many multiaddrs are on a card: more would only make it harder to copy.
	MaxAddresses = 8
	// MaxAddressBytes is the cap of one multiaddr. One through a relay with a DNS name takes about 100.
	MaxAddressBytes = 128
)

// Why a card was not made or read. What is wrong with its envelope is one of the errors of package wire.
var (
	// ErrNotACard says that the text does not begin with airway:.
	ErrNotACard = errors.New("not a card: a card begins with airway:")
	// ErrTooLong says that the text is longer than that of any card.
	ErrTooLong = errors.New("too long for a card")
	// ErrAltered says that characters are missing or wrong.
	ErrAltered = errors.New("the card is truncated or altered")
	// ErrRule says that the contents break a rule for cards.
	ErrRule = errors.New("the contents break a rule for cards")
)

// Card is a contact card whose signature has been verified.
type Card struct {
	key       crypto.PubKey
	peer      peer.ID
	agent     id.AgentID
	address   id.Address
	name      id.Name
	addresses []multiaddr.Multiaddr
	// As received or signed: another encoding of the same contents would be another card.
	envelope []byte
}

// Sign signs a card for the agent whose first key is key. The nonce is the one that [id.Derive] returned; name may be
// empty. A trailing /p2p with the own id is taken off the addresses.
func Sign(key crypto.PrivKey, network uint16, nonce uint8, name id.Name, addresses []multiaddr.Multiaddr) (*Card, error) {
	raw, err := wire.RawKey(key.GetPublic())
	if err != nil {
		return nil, err
	}
	own, err := peer.IDFromPublicKey(key.GetPublic())
	if err != nil {
		return nil, err
	}
	b := body{Version: version, Key: raw, Network: network, Nonce: nonce, Addresses: [][]byte{}}
	if name != "" {
		b.Name = &name
	}
	for _, address := range addresses {
		b.Addresses = append(b.Addresses, bare(address, own))
	}
	// Validated first, so that a card which nobody could read is not signed.
	c, err := b.validate()
	if err != nil {
		return nil, err
	}
	c.envelope, err = wire.Seal(key, &b)
	return c, err
}

// FromBytes verifies the bytes of a card.
func FromBytes(envelope []byte) (*Card, error) {
	var b body
	if _, err := wire.Open(envelope, &b); err != nil {
		return nil, err
	}
	c, err := b.validate()
	if err != nil {
		return nil, err
	}
	c.envelope = slices.Clone(envelope)
	return c, nil
}

// Parse reads the text of a card. Blanks around it are allowed: copying leaves them there.
func Parse(text string) (*Card, error) {
	encoded, isCard := strings.CutPrefix(strings.TrimSpace(text), Prefix)
	if !isCard || !utf8.ValidString(text) {
		return nil, ErrNotACard
	}
	if len(encoded) > base64.RawURLEncoding.EncodedLen(MaxBytes) {
		return nil, ErrTooLong
	}
	envelope, err := base64.RawURLEncoding.DecodeString(encoded)
	// The decoder ignores the ends of lines, and bits that are left over.
	if err != nil || base64.RawURLEncoding.EncodeToString(envelope) != encoded {
		return nil, ErrAltered
	}
	return FromBytes(envelope)
}

// Bytes are the signed envelope.
func (c *Card) Bytes() []byte { return slices.Clone(c.envelope) }

// PublicKey is the agent's first public key.
func (c *Card) PublicKey() crypto.PubKey { return c.key }

// PeerID is the peer to dial.
func (c *Card) PeerID() peer.ID { return c.peer }

// AgentID is the agent, for life.
func (c *Card) AgentID() id.AgentID { return c.agent }

// Address is the agent's address.
func (c *Card) Address() id.Address { return c.address }

// Endpoint is address and fingerprint, as people copy them.
func (c *Card) Endpoint() id.Endpoint { return id.FullEndpoint(c.address, c.agent) }

// Name is the name that the agent gives itself, or empty: a hint.
func (c *Card) Name() id.Name { return c.name }

// Addresses are where the agent was reachable when it signed, without its own /p2p at the end. What go-multiaddr cannot
// read is left out: it could not be dialled either.
func (c *Card) Addresses() []multiaddr.Multiaddr { return slices.Clone(c.addresses) }

// AddrInfo is the peer with its addresses, as go-libp2p dials it.
func (c *Card) AddrInfo() peer.AddrInfo { return peer.AddrInfo{ID: c.peer, Addrs: c.Addresses()} }

// String is the text of the card.
func (c *Card) String() string { return Prefix + base64.RawURLEncoding.EncodeToString(c.envelope) }

// MarshalText implements [encoding.TextMarshaler].
func (c *Card) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (c *Card) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return fmt.Errorf("a card: %w", err)
	}
	*c = *parsed
	return nil
}
