package mesh

import "fmt"

// Refusal is why an inviter does not do what it was asked. It is closed: another number is a malformed reply.
type Refusal uint8

// The refusals there are; errors.Is compares with them.
const (
	RefusedExpired      Refusal = 1
	RefusedExhausted    Refusal = 2
	RefusedWithdrawn    Refusal = 3
	RefusedNameTaken    Refusal = 4
	RefusedAddressTaken Refusal = 5
	RefusedExpelled     Refusal = 6
	RefusedNotInviter   Refusal = 7
	RefusedFailed       Refusal = 8
)

var refusals = [...]string{
	RefusedExpired:      "it has expired",
	RefusedExhausted:    "the invite has been used up",
	RefusedWithdrawn:    "the invite was withdrawn",
	RefusedNameTaken:    "another member has that name",
	RefusedAddressTaken: "another member has that address",
	RefusedExpelled:     "the agent was expelled from the network",
	RefusedNotInviter:   "the agent that was asked is no inviter",
	RefusedFailed:       "the inviter failed; try again",
}

// Check refuses a number that is none of a refusal.
func (r Refusal) Check() error {
	if r == 0 || int(r) >= len(refusals) {
		return fmt.Errorf("there is no refusal %d", uint8(r))
	}
	return nil
}

// Error makes a refusal an error.
func (r Refusal) Error() string {
	if r.Check() != nil {
		return "unknown refusal"
	}
	return refusals[r]
}
