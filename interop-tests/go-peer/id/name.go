package id

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MaxName is the longest name, in characters: a label of the DNS, so that a name can become one.
const MaxName = 63

// CardPrefix is what the text of every contact card begins with: such a text is no name.
const CardPrefix = "airway:"

// ErrName says that a text is no name.
var ErrName = errors.New("not a name")

// Name is the name that an agent gives itself or is given: lower-case letters, digits and inner hyphens. It is only a
// hint until somebody who is trusted vouches for it.
type Name string

// ParseName reads a name.
func ParseName(text string) (Name, error) {
	// The two likely mix-ups come first: their own message helps more than the character that gave them away.
	if strings.HasPrefix(text, CardPrefix) {
		return "", fmt.Errorf("%w: that is a contact card", ErrName)
	}
	if _, err := ParseEndpoint(text); err == nil {
		return "", fmt.Errorf("%w: that is an address", ErrName)
	}
	if err := checkLabel(text, MaxName); err != nil {
		return "", fmt.Errorf("%w: %w", ErrName, err)
	}
	// What people would see of an internationalised label of the DNS is not what is compared.
	if strings.HasPrefix(text, "xn--") {
		return "", fmt.Errorf("%w: it begins with xn--", ErrName)
	}
	if slices.Contains(reservedNames(), text) {
		return "", fmt.Errorf("%w: %s is reserved", ErrName, text)
	}
	return Name(text), nil
}

// reservedNames mean something else wherever a name can be typed, or would let an agent pose as a part of the network.
func reservedNames() []string {
	return []string{"localhost", "backbone", "broadcast", "registry", "beacon", "nameserver", "authority", "relay", "self"}
}

// Check says whether it is a name: for names that were not parsed.
func (n Name) Check() error {
	_, err := ParseName(string(n))
	return err
}

// checkLabel checks for lower-case letters, digits and inner hyphens, from one to max.
func checkLabel(text string, max int) error {
	if text == "" {
		return errors.New("it has no character")
	}
	for _, c := range text {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return fmt.Errorf("%q may not stand in it: only a-z, 0-9 and - may", c)
		}
	}
	if len(text) > max {
		return fmt.Errorf("it has more than %d characters", max)
	}
	if strings.HasPrefix(text, "-") || strings.HasSuffix(text, "-") {
		return errors.New("it begins or ends with -")
	}
	return nil
}
