package agent

import (
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

// Network is the mesh that an agent is in.
type Network struct {
	ID       mesh.NetworkID
	Name     id.Name
	Number   uint16
	Endpoint id.Endpoint
	Roles    mesh.Roles
	Expires  uint64
	Standing error // nil, or the mesh.Invalid for which we are a member no more
	Serves   bool
	Servers  int
	// Published is how many servers have taken what we last said of ourselves.
	Published int
}

// WasReached says whether a member of our network has come straight to us, which shows that others can.
func (a *Agent) WasReached() bool { return a.membership.reached.Load() }

// Network is the mesh that this agent is in; ErrNoNetwork on the backbone.
func (a *Agent) Network() (Network, error) {
	m := a.membership
	of := m.current()
	if of == nil {
		return Network{}, ErrNoNetwork
	}
	certificate := of.certificate
	state := Network{
		ID: of.genesis.ID(), Name: of.genesis.Name(), Number: of.genesis.Number(),
		Endpoint: id.FullEndpoint(certificate.Address(), certificate.Agent()), Roles: certificate.Roles(),
		Expires: certificate.Expires(), Standing: certificate.Stands(unixMilli(), m.members.revocations()), Serves: m.isServer(),
	}
	if dir := m.directory(); dir != nil {
		state.Servers, state.Published = dir.size(), int(dir.published.Load())
	}
	return state, nil
}
