package mesh

import (
	"io"

	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// AdmitProtocol is how two agents prove to each other that they are members of one network:
//
//	opener                                                    responder
//	  {certificate, card, serves, relay, version}  ──────────►
//	  ◄───── {hello {certificate, card, serves, relay, version}} | {refused {why}}
//	  revocation list  ──────────►     if the opener's version is higher
//	  ◄──────────  revocation list     if the responder's is
//
// Agents speak it whatever network they are in, so that to be offered it says nothing; who has no certificate of the
// network is not answered. Both sides wire.Finish at the end.
const AdmitProtocol = protocol.ID("/airway/admit/1.0.0")

// Hello is what each side says of itself. Nothing of it is verified yet.
type Hello struct {
	Certificate []byte `cbor:"certificate"`
	Card        []byte `cbor:"card"`    // by which it can be dialled
	Serves      bool   `cbor:"serves"`  // the DHT of the network
	Relay       bool   `cbor:"relay"`   // for other members
	Version     uint64 `cbor:"version"` // of the revocation list that it has
}

// AdmitAnswer is what the responder says: its own Hello, or why the certificate of the opener does not stand.
type AdmitAnswer struct {
	Hello   *Hello
	Refused Invalid // 0: it is not
}

// ReadHello reads what the opener says.
func ReadHello(r io.Reader) (*Hello, error) {
	body, err := readBody(r, wire.ControlFrame, ErrEnded)
	if err != nil {
		return nil, err
	}
	var hello Hello
	if err := wire.Decode(body, &hello); err != nil {
		return nil, notTheMessage(err)
	}
	return &hello, nil
}

// WriteHello says who the opener is.
func WriteHello(w io.Writer, hello *Hello) error {
	return wire.WriteMessage(w, hello, wire.ControlFrame)
}

// refusedFrame is the answer to whom is a member no more.
type refusedFrame struct {
	Why Invalid `cbor:"why"`
}

// ReadAdmitAnswer reads the answer. ErrNoAnswer: the responder does not take the opener for a member, or is none.
func ReadAdmitAnswer(r io.Reader) (*AdmitAnswer, error) {
	body, err := readBody(r, wire.ControlFrame, ErrNoAnswer)
	if err != nil {
		return nil, err
	}
	kind, value, err := choice(body)
	if err != nil {
		return nil, notTheMessage(err)
	}
	switch kind {
	case "hello":
		var hello Hello
		if err := wire.DecodeItem(value, &hello); err != nil {
			return nil, notTheMessage(err)
		}
		return &AdmitAnswer{Hello: &hello}, nil
	case "refused":
		var refused refusedFrame
		if err := wire.DecodeItem(value, &refused); err != nil {
			return nil, notTheMessage(err)
		}
		return &AdmitAnswer{Refused: refused.Why}, nil
	}
	return nil, notTheMessage(wire.ErrMismatch)
}

// WriteAdmitAnswer answers.
func WriteAdmitAnswer(w io.Writer, answer *AdmitAnswer) error {
	kind, value := "hello", any(answer.Hello)
	if answer.Hello == nil {
		kind, value = "refused", refusedFrame{Why: answer.Refused}
	}
	body, err := encodeChoice(kind, value)
	if err != nil {
		return err
	}
	return wire.WriteFrame(w, body, wire.ControlFrame)
}

// ReadList reads the bytes of a revocation list, for ParseRevocations.
func ReadList(r io.Reader) ([]byte, error) { return readBody(r, MaxRevocations, ErrNoAnswer) }

// WriteList sends a list, unless it is none.
func WriteList(w io.Writer, list *Revocations) error {
	if list == nil {
		return nil
	}
	return wire.WriteFrame(w, list.envelope, MaxRevocations)
}
