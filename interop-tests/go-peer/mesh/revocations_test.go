package mesh

import (
	"bytes"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
)

func TestRevocationListsAreAsWritten(t *testing.T) {
	var file struct {
		vectors.About
		Positive []struct {
			Number, Issued uint64
			Agents         []vectors.Hex
			Bytes          vectors.Hex
		}
		Negative []vectors.RefusedBytes
	}
	vectors.Load(t, "revocations.json", &file)
	realm := RealmOf(lab(t))
	for _, v := range file.Positive {
		var agents []id.AgentID
		for _, agent := range v.Agents {
			agents = append([]id.AgentID{id.AgentID(agent)}, agents...)
		}
		made, err := SignRevocations(realm, vectors.SeededKey(t, 1), v.Number, v.Issued, agents)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(made.Bytes(), v.Bytes) || made.Version() != v.Number || made.Issued() != v.Issued {
			t.Errorf("list %d: %x", made.Version(), made.Bytes())
		}
		for _, agent := range agents {
			if !made.Contains(agent) {
				t.Errorf("list %d lacks %v", v.Number, agent)
			}
		}
	}
	for _, v := range file.Negative {
		_, err := ParseRevocations(v.Bytes, realm)
		check(t, ErrRevocations, err, v.Why)
	}
}
