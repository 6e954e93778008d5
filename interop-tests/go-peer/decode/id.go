package decode

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

func idDecoders() map[string]Decoder {
	return map[string]Decoder{
		"address":     Text(id.ParseAddress),
		"agent_id":    Text(id.ParseAgentID),
		"endpoint":    Text(id.ParseEndpoint),
		"fingerprint": Text(id.ParseFingerprint),
		"name":        Text(id.ParseName),
		"tag":         Text(id.ParseTag),
		"clean":       clean,
		"peer":        agentOfPeer,
	}
}

// ErrNotText says that the input of a decoder of texts is not UTF-8.
var ErrNotText = errors.New("not a text")

// Text is the decoder of a text that people type or copy. It understands the canonical spelling.
func Text[T any](parse func(string) (T, error)) Decoder {
	return func(input []byte) ([]byte, error) {
		if !utf8.Valid(input) {
			return nil, ErrNotText
		}
		value, err := parse(string(input))
		if err != nil {
			return nil, err
		}
		return fmt.Append(nil, value), nil
	}
}

// clean understands what is shown of a text.
func clean(input []byte) ([]byte, error) {
	if !utf8.Valid(input) {
		return nil, ErrNotText
	}
	return []byte(id.Clean(string(input))), nil
}

// agentOfPeer understands the agent behind the bytes of a peer id.
func agentOfPeer(input []byte) ([]byte, error) {
	p, err := peer.IDFromBytes(input)
	if err != nil {
		return nil, err
	}
	agent, err := id.AgentIDOfPeer(p)
	return []byte(agent.String()), err
}
