package agent

import (
	"encoding/json"
	"errors"
	"fmt"

	ma "github.com/multiformats/go-multiaddr"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// What lies in a home about its network.
const (
	membershipFile = "membership.json"
	profileFile    = "profile.json"
	helpersFile    = "helpers.json"
)

// maxKnown is how many addresses of members are kept to find the network by.
const maxKnown = 32

// ErrDamaged says that what a home remembers is not what was written.
var ErrDamaged = errors.New("what the home remembers of its network is damaged")

// standing is our own membership.
type standing struct {
	genesis     *mesh.Genesis
	realm       mesh.Realm
	certificate *mesh.Certificate
	inviter     *card.Card
	bootstraps  []ma.Multiaddr
	ephemeral   bool
}

// storedMembership is how it lies in the home, with the newest list of those who were expelled.
type storedMembership struct {
	Genesis     []byte   `json:"genesis"`
	Certificate []byte   `json:"certificate"`
	Inviter     []byte   `json:"inviter"`
	Bootstraps  []string `json:"bootstraps"`
	Ephemeral   bool     `json:"ephemeral"`
	Revocations []byte   `json:"revocations,omitempty"`
}

// storeMembership writes it; when it returns, it is on the disk.
func (h *home) storeMembership(of *standing, revoked *mesh.Revocations) error {
	stored := storedMembership{
		Genesis: of.genesis.Bytes(), Certificate: of.certificate.Bytes(), Inviter: of.inviter.Bytes(),
		Ephemeral: of.ephemeral, Revocations: revoked.Bytes(),
	}
	for _, address := range of.bootstraps {
		stored.Bootstraps = append(stored.Bootstraps, address.String())
	}
	return h.writeJSON(membershipFile, stored)
}

// membership reads it; nil: the home is in no network.
func (h *home) membership(own id.AgentID) (*standing, *mesh.Revocations, error) {
	var stored storedMembership
	found, err := h.readJSON(membershipFile, &stored)
	if err != nil || !found {
		return nil, nil, err
	}
	of, revoked, err := stored.read()
	if err == nil && of.certificate.Agent() != own {
		err = errors.New("the certificate is another agent's")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return of, revoked, nil
}

func (s *storedMembership) read() (*standing, *mesh.Revocations, error) {
	genesis, err := mesh.ParseGenesis(s.Genesis)
	if err != nil {
		return nil, nil, err
	}
	of := &standing{genesis: genesis, realm: mesh.RealmOf(genesis), ephemeral: s.Ephemeral}
	if of.certificate, err = mesh.ParseCertificate(s.Certificate, of.realm); err != nil {
		return nil, nil, err
	}
	if of.inviter, err = card.FromBytes(s.Inviter); err != nil {
		return nil, nil, err
	}
	for _, text := range s.Bootstraps {
		address, err := ma.NewMultiaddr(text)
		if err != nil {
			return nil, nil, err
		}
		of.bootstraps = append(of.bootstraps, address)
	}
	if s.Revocations == nil {
		return of, nil, nil
	}
	revoked, err := mesh.ParseRevocations(s.Revocations, of.realm)
	return of, revoked, err
}

// Visibility is what of us others may find in the DHT.
type Visibility string

// The visibilities. Empty stands for public in a mesh.
const (
	// Hidden: nothing.
	Hidden Visibility = "hidden"
	// Listed: us, by our address.
	Listed Visibility = "listed"
	// Public: us, by our name and tags as well.
	Public Visibility = "public"
)

// profile is what the owner wants others to find.
type profile struct {
	Name       id.Name    `json:"name,omitempty"`
	Tags       []id.Tag   `json:"tags,omitempty"`
	Visibility Visibility `json:"visibility,omitempty"`
	// Claimed is the time of the last claim: the next one is later, even if the clock was set back.
	Claimed uint64 `json:"claimed,omitempty"`
}

func (h *home) writeJSON(name string, v any) error {
	data, err := json.Marshal(v)
	if err == nil {
		err = h.write(name, data)
	}
	if err != nil {
		return fmt.Errorf("storing %s: %w", name, err)
	}
	return nil
}

// readJSON says whether there is such a file.
func (h *home) readJSON(name string, v any) (bool, error) {
	data, err := h.read(name)
	if err != nil || data == nil {
		return false, err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return false, fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
	}
	return true, nil
}
