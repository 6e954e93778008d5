package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// allPorts is the word in place of a set that stands for all ports.
const allPorts = "all"

// ErrScopes says that scopes break a rule.
var ErrScopes = errors.New("the scopes break a rule")

// Scopes are what the author of a statement lets the other agent do with it. Reading does not [Scopes.Validate].
type Scopes struct {
	// Ports are those that the other may open. Neither events nor tasks go by it.
	Ports Ports `cbor:"ports" json:"ports"`
	// Publish are the topics that the other may publish.
	Publish []Pattern `cbor:"publish" json:"publish"`
	// Subscribe are the topics that the other may subscribe to.
	Subscribe []Pattern `cbor:"subscribe" json:"subscribe"`
	// Submit says whether the other may submit tasks.
	Submit bool `cbor:"submit" json:"submit"`
	// Until is when all this ends, in milliseconds since the Unix epoch by the author's clock.
	Until *uint64 `cbor:"until,omitzero" json:"until,omitempty"`
}

// Everything lets the other do all there is, for ever.
func Everything() Scopes {
	return Scopes{
		Ports: Ports{All: true}, Publish: []Pattern{AnyTopic}, Subscribe: []Pattern{AnyTopic}, Submit: true,
	}
}

// Nothing lets the other do what every trusted agent may: echo, and to speak about trust.
func Nothing() Scopes {
	return Scopes{Publish: []Pattern{}, Subscribe: []Pattern{}}
}

// Validate checks the limits.
func (s *Scopes) Validate() error {
	if len(s.Ports.Only) > MaxPorts {
		return fmt.Errorf("%w: %d ports, at most %d", ErrScopes, len(s.Ports.Only), MaxPorts)
	}
	if found := max(len(s.Publish), len(s.Subscribe)); found > MaxPatterns {
		return fmt.Errorf("%w: %d patterns, at most %d", ErrScopes, found, MaxPatterns)
	}
	if s.Until != nil && *s.Until > MaxTime {
		return fmt.Errorf("%w: %d is no time", ErrScopes, *s.Until)
	}
	return nil
}

// Admits says whether the other may open a stream of this protocol. It does not look at Until: see [Scopes.HaveEnded].
func (s *Scopes) Admits(p protocol.ID) bool {
	switch p {
	case service.PerfProtocol:
		return s.Ports.All
	case service.FilesProtocol:
		// Files go to the port of messages by a protocol of their own.
		return s.Ports.Contains(service.DataPort)
	}
	port, ok := service.PortOfProtocol(p)
	if !ok {
		return false
	}
	switch port {
	case service.EchoPort, service.TrustPort, service.TasksPort:
		// Whoever was given a task has to be able to tell what came of it: what it may submit is looked at when it does.
		return true
	case service.EventsPort:
		return len(s.Publish) > 0 || len(s.Subscribe) > 0
	}
	return s.Ports.Contains(port)
}

// HaveEnded says whether all this is over at now, in milliseconds since the Unix epoch.
func (s *Scopes) HaveEnded(now uint64) bool { return s.Until != nil && *s.Until <= now }

// Ports are all ports, or a set. In messages and JSON they are the word all, or a list of numbers.
type Ports struct {
	// All is every port, and the protocols without one that trusted agents speak.
	All bool
	// Only are these alone, each once. None is a set as well.
	Only []service.Port
}

// Contains says whether a port is among them.
func (p Ports) Contains(port service.Port) bool { return p.All || slices.Contains(p.Only, port) }

// form is what stands in messages and JSON.
func (p Ports) form() any {
	if p.All {
		return allPorts
	}
	only := slices.Clone(p.Only)
	slices.Sort(only)
	return append([]service.Port{}, slices.Compact(only)...)
}

// take takes either form.
func (p *Ports) take(word string, list []service.Port, isWord bool) error {
	if isWord {
		if word != allPorts {
			return fmt.Errorf("%w: %q are no ports", ErrScopes, word)
		}
		*p = Ports{All: true}
		return nil
	}
	slices.Sort(list)
	if len(list) > 0 && list[0] == 0 || len(slices.Compact(slices.Clone(list))) != len(list) {
		return fmt.Errorf("%w: a port that is 0 or stands twice", ErrScopes)
	}
	*p = Ports{Only: list}
	return nil
}

// MarshalCBOR implements cbor.Marshaler.
func (p Ports) MarshalCBOR() ([]byte, error) { return wire.EncodeItem(p.form()) }

// UnmarshalCBOR implements cbor.Unmarshaler.
func (p *Ports) UnmarshalCBOR(item []byte) error {
	var word string
	if wire.DecodeItem(item, &word) == nil {
		return p.take(word, nil, true)
	}
	var list []service.Port
	if err := wire.DecodeItem(item, &list); err != nil {
		return err
	}
	return p.take("", list, false)
}

// MarshalJSON implements [json.Marshaler].
func (p Ports) MarshalJSON() ([]byte, error) { return json.Marshal(p.form()) }

// UnmarshalJSON implements [json.Unmarshaler].
func (p *Ports) UnmarshalJSON(b []byte) error {
	var word string
	if json.Unmarshal(b, &word) == nil {
		return p.take(word, nil, true)
	}
	var list []service.Port
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	return p.take("", list, false)
}
