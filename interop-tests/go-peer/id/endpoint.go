package id

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrPort says that what stands behind the last colon of an endpoint is no port.
var ErrPort = errors.New("a port is a number from 1 to 65535")

// ErrOrder says that the fingerprint of an endpoint stands behind the port.
var ErrOrder = errors.New("the fingerprint goes before the port: address#fingerprint:port")

// Endpoint is what people copy: an address, whom it belongs to, and which port of it, as in
// 0:0000.EB19.D348#foc5k3hjvu2rpbac:7. It is this text in messages, too.
type Endpoint struct {
	// Address is the label.
	Address Address
	// Fingerprint is of the agent that it has to be; without one, whoever is pinned to the address.
	Fingerprint *Fingerprint
	// Port is never 0; without one, what the reader of the text takes for granted.
	Port *uint16
}

// FullEndpoint is an agent's address with its fingerprint, and no port: the form to hand out.
func FullEndpoint(address Address, agent AgentID) Endpoint {
	fingerprint := agent.Fingerprint()
	return Endpoint{Address: address, Fingerprint: &fingerprint}
}

// ParseEndpoint reads an endpoint.
func ParseEndpoint(text string) (Endpoint, error) {
	// The colon inside the address is the first one; the second, if any, begins the port.
	parts := strings.SplitN(text, ":", 3)
	rest, port, hasPort := text, "", len(parts) == 3
	if hasPort {
		rest, port = parts[0]+":"+parts[1], parts[2]
	}
	address, fingerprint, hasFingerprint := strings.Cut(rest, "#")
	if !hasFingerprint && strings.Contains(port, "#") {
		return Endpoint{}, ErrOrder
	}
	var endpoint Endpoint
	var err error
	if endpoint.Address, err = ParseAddress(address); err != nil {
		return Endpoint{}, err
	}
	if hasFingerprint {
		parsed, err := ParseFingerprint(fingerprint)
		if err != nil {
			return Endpoint{}, fmt.Errorf("the fingerprint after # is wrong: %w", err)
		}
		endpoint.Fingerprint = &parsed
	}
	if hasPort {
		parsed, err := ParsePort(port)
		if err != nil {
			return Endpoint{}, fmt.Errorf("the port after the last colon is wrong: %w", err)
		}
		endpoint.Port = &parsed
	}
	return endpoint, nil
}

// ParsePort reads the one decimal spelling of a port.
func ParsePort(text string) (uint16, error) {
	number, err := parseDecimal(text)
	if err != nil || number == 0 {
		return 0, ErrPort
	}
	return number, nil
}

// String is the endpoint as text.
func (e Endpoint) String() string {
	text := e.Address.String()
	if e.Fingerprint != nil {
		text += "#" + e.Fingerprint.String()
	}
	if e.Port != nil {
		text += ":" + strconv.Itoa(int(*e.Port))
	}
	return text
}

// MarshalText implements [encoding.TextMarshaler].
func (e Endpoint) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (e *Endpoint) UnmarshalText(text []byte) (err error) {
	*e, err = ParseEndpoint(string(text))
	return err
}
