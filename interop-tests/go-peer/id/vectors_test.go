package id_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

func TestAddressesAreAsWritten(t *testing.T) {
	var file struct {
		vectors.About
		Positive []struct {
			Seed        vectors.Hex
			PublicKey   vectors.Hex `json:"public_key"`
			PeerID      string      `json:"peer_id"`
			AgentID     vectors.Hex `json:"agent_id"`
			AgentIDText string      `json:"agent_id_text"`
			Fingerprint string
			Network     uint16
			Nonce       uint8
			NonceUsed   uint8 `json:"nonce_used"`
			Address     string
			Bytes       vectors.Hex
			Endpoint    string
		}
		Negative []vectors.RefusedText
	}
	vectors.Load(t, "address.json", &file)
	for _, given := range file.Positive {
		public := vectors.Key(t, given.Seed).GetPublic()
		raw, err := wire.RawKey(public)
		if err != nil || !bytes.Equal(raw[:], given.PublicKey) {
			t.Fatalf("%x: another key: %x, %v", given.Seed, raw, err)
		}
		p, err := peer.Decode(given.PeerID)
		if err != nil {
			t.Fatal(err)
		}
		agent, err := id.AgentIDOf(public)
		if ofPeer, peerErr := id.AgentIDOfPeer(p); err != nil || peerErr != nil || ofPeer != agent {
			t.Fatalf("%s: %v, %v", given.PeerID, err, peerErr)
		}
		if !bytes.Equal(agent[:], given.AgentID) || agent.String() != given.AgentIDText {
			t.Errorf("%s is another agent: %s", given.PeerID, agent)
		}
		if parsed, err := id.ParseAgentID(strings.ToUpper(given.AgentIDText)); err != nil || parsed != agent {
			t.Errorf("%s is read as %s, %v", given.AgentIDText, parsed, err)
		}
		if f := agent.Fingerprint(); f.String() != given.Fingerprint || !f.Matches(agent) {
			t.Errorf("another fingerprint: %s", f)
		}
		address, used, err := id.Derive(given.Network, agent, given.Nonce)
		if err != nil || address.String() != given.Address || used != given.NonceUsed {
			t.Errorf("%s has address %s at nonce %d, %v", agent, address, used, err)
		}
		if b := address.Bytes(); !bytes.Equal(b[:], given.Bytes) || id.AddressOfBytes(b) != address {
			t.Errorf("%s has other bytes: %x", address, b)
		}
		if parsed, err := id.ParseAddress(strings.ToLower(given.Address)); err != nil || parsed != address {
			t.Errorf("%s is read as %s, %v", given.Address, parsed, err)
		}
		if e := id.FullEndpoint(address, agent); e.String() != given.Endpoint {
			t.Errorf("another endpoint: %s", e)
		}
	}
	for _, refused := range file.Negative {
		if address, err := id.ParseAddress(refused.Text); err == nil {
			t.Errorf("%q is read as %s, although %s", refused.Text, address, refused.Why)
		}
	}
}

func TestEndpointsAreAsWritten(t *testing.T) {
	var file struct {
		vectors.About
		Positive []struct {
			Text        string
			Address     string
			Fingerprint *string
			Port        *uint16
			Canonical   string
		}
		Negative []vectors.RefusedText
	}
	vectors.Load(t, "endpoint.json", &file)
	for _, given := range file.Positive {
		e, err := id.ParseEndpoint(given.Text)
		if err != nil {
			t.Errorf("%s: %v", given.Text, err)
			continue
		}
		same := e.String() == given.Canonical && e.Address.String() == given.Address
		same = same && (e.Fingerprint == nil) == (given.Fingerprint == nil) && (e.Port == nil) == (given.Port == nil)
		if e.Fingerprint != nil && same {
			same = e.Fingerprint.String() == *given.Fingerprint
		}
		if e.Port != nil && same {
			same = *e.Port == *given.Port
		}
		if !same {
			t.Errorf("%s is read as %s", given.Text, e)
		}
	}
	for _, refused := range file.Negative {
		if e, err := id.ParseEndpoint(refused.Text); err == nil {
			t.Errorf("%q is read as %s, although %s", refused.Text, e, refused.Why)
		}
	}
}

func TestNamesAreAsWritten(t *testing.T) {
	var file struct {
		vectors.About
		Positive []string
		Negative []vectors.RefusedText
	}
	vectors.Load(t, "name.json", &file)
	for _, text := range file.Positive {
		if name, err := id.ParseName(text); err != nil || string(name) != text {
			t.Errorf("%s is read as %s, %v", text, name, err)
		}
	}
	for _, refused := range file.Negative {
		if name, err := id.ParseName(refused.Text); err == nil {
			t.Errorf("%s is a name, although %s", name, refused.Why)
		}
	}
}
