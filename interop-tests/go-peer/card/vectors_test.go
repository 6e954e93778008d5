package card_test

import (
	"bytes"
	"testing"

	"github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
)

func TestCardsAreAsWritten(t *testing.T) {
	var file struct {
		vectors.About
		Positive []struct {
			Seed      vectors.Hex
			Network   uint16
			Nonce     uint8
			Name      *id.Name
			Addresses []string
			Bytes     vectors.Hex
			Text      string
			PeerID    string      `json:"peer_id"`
			AgentID   vectors.Hex `json:"agent_id"`
			Address   string
			Endpoint  string
		}
		Negative []vectors.RefusedText
	}
	vectors.Load(t, "card.json", &file)
	for _, given := range file.Positive {
		var addresses []multiaddr.Multiaddr
		for _, text := range given.Addresses {
			addresses = append(addresses, multiaddr.StringCast(text))
		}
		var name id.Name
		if given.Name != nil {
			name = *given.Name
		}
		signed, err := card.Sign(vectors.Key(t, given.Seed), given.Network, given.Nonce, name, addresses)
		if err != nil || !bytes.Equal(signed.Bytes(), given.Bytes) || signed.String() != given.Text {
			t.Fatalf("signed as %s in place of %s, %v", signed, given.Text, err)
		}
		read, err := card.Parse(" " + given.Text + "\n")
		if err != nil || read.String() != given.Text || read.Name() != name {
			t.Fatalf("read as %s in place of %s, %v", read, given.Text, err)
		}
		agent := read.AgentID()
		if read.PeerID().String() != given.PeerID || !bytes.Equal(agent[:], given.AgentID) {
			t.Errorf("a card of another agent: %s", read.PeerID())
		}
		if read.Address().String() != given.Address || read.Endpoint().String() != given.Endpoint {
			t.Errorf("a card with another endpoint: %s", read.Endpoint())
		}
		for index, address := range read.Addresses() {
			if len(read.Addresses()) != len(given.Addresses) || address.String() != given.Addresses[index] {
				t.Errorf("a card with other addresses: %s", read.Addresses())
			}
		}
	}
	for _, refused := range file.Negative {
		if read, err := card.Parse(refused.Text); err == nil {
			t.Errorf("read as %s, although %s", read, refused.Why)
		}
	}
}
