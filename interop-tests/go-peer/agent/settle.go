package agent

import "github.com/airway-net/airway/interop-tests/go-peer/trust"

// contactTag is what the connection manager calls a contact.
const contactTag = "airway-contact"

// settle brings the access list and the addresses in line with a relation.
func (a *Agent) settle(r *relation) {
	switch r.standing() {
	case trust.Trusted:
		a.access.set(r.Peer, Trusted, admitted{orEverything(r.Scopes)})
	case trust.Requested:
		a.access.set(r.Peer, Expected, nil)
	case trust.Blocked:
		a.access.set(r.Peer, Blocked, nil)
	default:
		a.access.set(r.Peer, Stranger, nil)
	}
	if r.standing() == trust.Trusted {
		// When there are many connections, theirs are not those that go.
		a.host.ConnManager().Protect(r.Peer, contactTag)
	} else {
		a.host.ConnManager().Unprotect(r.Peer, contactTag)
	}
	if r.standing() == trust.Trusted || r.Said != nil {
		a.know(r.Peer, r.multiaddrs())
	} else {
		a.forget(r.Peer)
	}
}
