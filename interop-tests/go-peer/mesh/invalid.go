package mesh

import "fmt"

// Invalid is why what is validly signed counts for nothing now. It is closed: another number is a malformed frame.
type Invalid uint8

// The reasons there are; errors.Is compares with them.
const (
	NotYet   Invalid = 1
	Expired  Invalid = 2
	Expelled Invalid = 3
)

// Check refuses a number that is none of a reason.
func (i Invalid) Check() error {
	if i < NotYet || i > Expelled {
		return fmt.Errorf("there is no reason %d", uint8(i))
	}
	return nil
}

// Error makes a reason an error.
func (i Invalid) Error() string {
	switch i {
	case NotYet:
		return "it is not valid yet"
	case Expired:
		return "it has expired"
	case Expelled:
		return "the member was expelled"
	}
	return "unknown reason"
}

// add is a sum that ends at the highest number.
func add(a, b uint64) uint64 {
	if sum := a + b; sum >= a {
		return sum
	}
	return ^uint64(0)
}
