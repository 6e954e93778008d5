package service

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/libp2p/go-libp2p/core/protocol"
)

// Protocols of the services of an agent, and of what has no port.
const (
	EchoProtocol   protocol.ID = "/airway/echo/1.0.0"
	TrustProtocol  protocol.ID = "/airway/trust/1.0.0"
	DataProtocol   protocol.ID = "/airway/data/1.0.0"
	FilesProtocol  protocol.ID = "/airway/files/1.0.0"
	EventsProtocol protocol.ID = "/airway/events/1.0.0"
	TasksProtocol  protocol.ID = "/airway/tasks/1.0.0"
	PerfProtocol   protocol.ID = "/airway/perf/1.0.0"
)

// Port is a port of an agent, 1 to 65535.
type Port uint16

// The ports that services hold on every agent, and the one that text streams use by convention.
const (
	EchoPort   Port = 7
	TrustPort  Port = 444
	TextPort   Port = 1000
	DataPort   Port = 1001
	EventsPort Port = 1002
	TasksPort  Port = 1003
)

// What stands around the number in the protocol of a port that users may listen on.
const (
	userPrefix = "/airway/port/"
	userSuffix = "/1.0.0"
)

// ErrPort says that a text or number is not a port.
var ErrPort = errors.New("not a port")

// NewPort returns the port with this number, which is not 0.
func NewPort(number uint16) (Port, error) {
	if number == 0 {
		return 0, fmt.Errorf("%w: port 0 does not exist", ErrPort)
	}
	return Port(number), nil
}

// ParsePort reads the one decimal spelling of a port: no sign, no blank, no leading zero.
func ParsePort(text string) (Port, error) {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%w: %q is not a decimal number", ErrPort, text)
		}
	}
	if len(text) > 1 && text[0] == '0' {
		return 0, fmt.Errorf("%w: %q has a leading zero", ErrPort, text)
	}
	number, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is not a number up to 65535", ErrPort, text)
	}
	return NewPort(uint16(number))
}

// Service names the service that holds the port on every agent; it is empty where users may listen.
func (p Port) Service() string {
	switch p {
	case EchoPort:
		return "echo"
	case TrustPort:
		return "trust"
	case DataPort:
		return "data"
	case EventsPort:
		return "events"
	case TasksPort:
		return "tasks"
	default:
		return ""
	}
}

// Protocol is what a stream to the port negotiates.
func (p Port) Protocol() protocol.ID {
	switch p {
	case EchoPort:
		return EchoProtocol
	case TrustPort:
		return TrustProtocol
	case DataPort:
		return DataProtocol
	case EventsPort:
		return EventsProtocol
	case TasksPort:
		return TasksProtocol
	default:
		return protocol.ID(userPrefix + p.String() + userSuffix)
	}
}

// String is the number.
func (p Port) String() string { return strconv.Itoa(int(p)) }

// PortOfProtocol is the port whose Protocol this is. It is strict: /airway/port/7/1.0.0 is no port, since port 7 speaks
// another protocol.
func PortOfProtocol(id protocol.ID) (Port, bool) {
	for _, port := range []Port{EchoPort, TrustPort, DataPort, EventsPort, TasksPort} {
		if port.Protocol() == id {
			return port, true
		}
	}
	text, ok := strings.CutPrefix(string(id), userPrefix)
	if !ok {
		return 0, false
	}
	text, ok = strings.CutSuffix(text, userSuffix)
	if !ok {
		return 0, false
	}
	port, err := ParsePort(text)
	return port, err == nil && port.Service() == ""
}
