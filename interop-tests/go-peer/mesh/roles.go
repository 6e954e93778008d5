package mesh

import (
	"fmt"
	"strings"
)

// Roles is a set of bits: what a member may do beyond what every member may.
type Roles uint8

// The roles there are.
const (
	// RoleRelay is that of a member that relays for others.
	RoleRelay Roles = 1
	// RoleInviter is that of a member that takes others in: what it signs is a certificate.
	RoleInviter Roles = 2
)

const allRoles = RoleRelay | RoleInviter

// Check refuses a bit that stands for no role: what it allows is not known.
func (r Roles) Check() error {
	if r&^allRoles != 0 {
		return fmt.Errorf("the set of roles %d has some that are not known", uint8(r))
	}
	return nil
}

// Relay says whether the member relays.
func (r Roles) Relay() bool { return r&RoleRelay != 0 }

// Inviter says whether the member takes others in.
func (r Roles) Inviter() bool { return r&RoleInviter != 0 }

// Within says whether other has each of these roles.
func (r Roles) Within(other Roles) bool { return r&^other == 0 }

// Names are the roles as words.
func (r Roles) Names() []string {
	names := []string{}
	if r.Relay() {
		names = append(names, "relay")
	}
	if r.Inviter() {
		names = append(names, "inviter")
	}
	return names
}

// String is "relay, inviter", or "member" for none.
func (r Roles) String() string {
	if names := r.Names(); len(names) > 0 {
		return strings.Join(names, ", ")
	}
	return "member"
}
