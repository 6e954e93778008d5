package vectors

import (
	"testing"

	"github.com/libp2p/go-libp2p/core/crypto"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// Card is the card of the agent of a key on the backbone. It has one address, or none, as that of an agent that is gone.
func Card(t testing.TB, key crypto.PrivKey, name id.Name, gone bool) *card.Card {
	t.Helper()
	agent, err := id.AgentIDOf(key.GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	_, nonce, err := id.Derive(0, agent, 0)
	if err != nil {
		t.Fatal(err)
	}
	var addresses []ma.Multiaddr
	if !gone {
		addresses = append(addresses, ma.StringCast("/ip4/192.0.2.1/udp/4001/quic-v1"))
	}
	signed, err := card.Sign(key, 0, nonce, name, addresses)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}
