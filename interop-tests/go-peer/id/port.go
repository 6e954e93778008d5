package id

import (
	"strings"

	"github.com/libp2p/go-libp2p/core/protocol"
)

// What stands around the number in the protocol of a port that users may listen on.
const (
	portPrefix = "/airway/port/"
	portSuffix = "/1.0.0"
)

// Ports that services hold on every agent, and the protocols that they speak.
const (
	PortEcho   uint16 = 7
	PortTrust  uint16 = 444
	PortData   uint16 = 1001
	PortEvents uint16 = 1002
	PortTasks  uint16 = 1003
)

// serviceOf is the protocol of a port that a service holds.
func serviceOf(port uint16) (protocol.ID, bool) {
	switch port {
	case PortEcho:
		return "/airway/echo/1.0.0", true
	case PortTrust:
		return "/airway/trust/1.0.0", true
	case PortData:
		return "/airway/data/1.0.0", true
	case PortEvents:
		return "/airway/events/1.0.0", true
	case PortTasks:
		return "/airway/tasks/1.0.0", true
	}
	return "", false
}

// ProtocolOfPort is the protocol that a stream to a port negotiates.
func ProtocolOfPort(port uint16) protocol.ID {
	if service, held := serviceOf(port); held {
		return service
	}
	return protocol.ID(portPrefix + formatDecimal(port) + portSuffix)
}

// PortOfProtocol is the port whose protocol this is, if there is one. It is strict: /airway/port/7/1.0.0 is no port, since
// port 7 speaks another protocol.
func PortOfProtocol(p protocol.ID) (port uint16, ok bool) {
	for _, port := range []uint16{PortEcho, PortTrust, PortData, PortEvents, PortTasks} {
		if service, _ := serviceOf(port); service == p {
			return port, true
		}
	}
	number, hasPrefix := strings.CutPrefix(string(p), portPrefix)
	number, hasSuffix := strings.CutSuffix(number, portSuffix)
	port, err := ParsePort(number)
	_, held := serviceOf(port)
	return port, hasPrefix && hasSuffix && err == nil && !held
}
