package card

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// version is the version of cards that this code writes and reads.
const version = 1

// body is the signed payload of a card. The order of the fields is their order on the wire.
type body struct {
	Version uint64   `cbor:"version"`
	Key     [32]byte `cbor:"key"`
	Network uint16   `cbor:"network"`
	Nonce   uint8    `cbor:"nonce"`
	Name    *id.Name `cbor:"name,omitzero"`
	// Addresses are multiaddrs in binary form.
	Addresses [][]byte `cbor:"addresses"`
}

// Domain implements [wire.Object].
func (*body) Domain() string { return "airway-card-v1" }

// MaxBytes implements [wire.Object].
func (*body) MaxBytes() int { return MaxBytes }

// Signer implements [wire.Object].
func (b *body) Signer() [32]byte { return b.Key }

// validate checks every rule and gives the contents their types.
func (b *body) validate() (*Card, error) {
	if b.Version != version {
		return nil, fmt.Errorf("%w: version %d is not known, only %d is", ErrRule, b.Version, version)
	}
	key, err := wire.StrongKey(b.Key[:])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRule, err)
	}
	c := &Card{key: key}
	if c.peer, err = peer.IDFromPublicKey(key); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRule, err)
	}
	if c.agent, err = id.AgentIDOf(key); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRule, err)
	}
	// At exactly this nonce: a card with one that is skipped would be a second card for one address.
	address, used, err := id.Derive(b.Network, c.agent, b.Nonce)
	if err != nil || used != b.Nonce {
		return nil, fmt.Errorf("%w: the agent has no address at nonce %d", ErrRule, b.Nonce)
	}
	c.address = address
	if b.Name != nil {
		c.name = *b.Name
		if err := c.name.Check(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRule, err)
		}
	}
	return c, b.takeAddresses(c)
}

func (b *body) takeAddresses(c *Card) error {
	if len(b.Addresses) > MaxAddresses {
		return fmt.Errorf("%w: %d multiaddrs, at most %d", ErrRule, len(b.Addresses), MaxAddresses)
	}
	for _, binary := range b.Addresses {
		if len(binary) > MaxAddressBytes {
			return fmt.Errorf("%w: a multiaddr of %d bytes, at most %d", ErrRule, len(binary), MaxAddressBytes)
		}
		last, ok := lastProtocol(binary)
		if !ok {
			return fmt.Errorf("%w: a multiaddr is malformed", ErrRule)
		}
		if last == multiaddr.P_P2P {
			return fmt.Errorf("%w: a multiaddr ends in /p2p, which the key says already", ErrRule)
		}
		if address, err := multiaddr.NewMultiaddrBytes(binary); err == nil {
			c.addresses = append(c.addresses, address)
		}
	}
	return nil
}

// bare is a multiaddr in binary form, without the own id at its end.
func bare(address multiaddr.Multiaddr, own peer.ID) []byte {
	rest, last := multiaddr.SplitLast(address)
	if last != nil && last.Protocol().Code == multiaddr.P_P2P && string(last.RawValue()) == string(own) {
		return rest.Bytes()
	}
	return address.Bytes()
}
