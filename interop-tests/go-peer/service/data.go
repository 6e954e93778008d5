package service

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// Header is what stands before a payload.
type Header struct {
	ID      MessageID  `cbor:"id"`
	Kind    Kind       `cbor:"kind"`
	ReplyTo *MessageID `cbor:"reply_to,omitzero"`
	SentAt  uint64     `cbor:"sent_at"`
	// Size is the bytes of payload that follow.
	Size uint64 `cbor:"size"`
}

// answerFrame is an answer as it travels: with the id that it answers, so that a sender and a receiver who lost count
// notice.
type answerFrame struct {
	ID     MessageID `cbor:"id"`
	Answer Answer    `cbor:"answer"`
}

// HeaderOf is the header of a message.
func HeaderOf(m *Message) Header {
	return Header{ID: m.ID, Kind: m.Kind, ReplyTo: m.ReplyTo, SentAt: m.SentAt, Size: uint64(len(m.Payload))}
}

// SendMessage sends a message and waits for the answer to it. It does not Validate: whoever made the message has, and the
// receiver will. After any error the same message may be sent again on another stream.
func SendMessage(stream io.ReadWriter, m *Message) (Answer, error) {
	if err := WriteMessage(stream, m); err != nil {
		return 0, err
	}
	return ReadAnswer(stream, m.ID)
}

// WriteMessage writes a message. Further ones may follow before it is answered.
func WriteMessage(w io.Writer, m *Message) error {
	if len(m.Payload) > MaxPayload {
		return fmt.Errorf("a payload of %d bytes is %w of %d", len(m.Payload), ErrTooLarge, MaxPayload)
	}
	header := HeaderOf(m)
	body, err := wire.Encode(&header)
	if err != nil {
		return err
	}
	// Header and payload in one write: a small message is then one packet, and never waits half sent.
	frame, err := wire.Frame(body, wire.ControlFrame)
	if err != nil {
		return err
	}
	_, err = w.Write(append(frame, m.Payload...))
	return err
}

// ReadAnswer reads the answer to the oldest message that has none yet, whose id is given.
func ReadAnswer(r io.Reader, sent MessageID) (Answer, error) {
	var answer answerFrame
	if err := wire.ReadMessage(r, &answer, wire.ControlFrame); errors.Is(err, io.EOF) {
		return 0, ErrNoAnswer
	} else if err != nil {
		return 0, err
	}
	if answer.ID != sent {
		return 0, fmt.Errorf("%w: it is for message %s, not %s", ErrWrongAnswer, answer.ID, sent)
	}
	return answer.Answer, nil
}

// ReceiveMessage receives the next message, or io.EOF when the sender has closed its half. The message is not validated
// yet: call Validate, and AnswerMessage in either case. After any other error, what follows on the stream cannot be made
// out. A payload over MaxPayload is refused before any of it is read.
func ReceiveMessage(r io.Reader) (*Message, error) {
	var header Header
	if err := wire.ReadMessage(r, &header, wire.ControlFrame); err != nil {
		return nil, err
	}
	if header.Size > MaxPayload {
		return nil, fmt.Errorf("a payload of %d bytes is %w of %d", header.Size, ErrTooLarge, MaxPayload)
	}
	payload, err := readPayload(r, int64(header.Size))
	if err != nil {
		return nil, err
	}
	return &Message{
		ID: header.ID, Kind: header.Kind, ReplyTo: header.ReplyTo, SentAt: header.SentAt, Payload: payload,
	}, nil
}

// readPayload reads so many bytes into a buffer that grows as they arrive: a claimed length alone costs the peer more than
// it costs us.
func readPayload(r io.Reader, size int64) ([]byte, error) {
	var payload bytes.Buffer
	if _, err := io.CopyN(&payload, r, size); errors.Is(err, io.EOF) {
		return nil, wire.ErrTruncated
	} else if err != nil {
		return nil, err
	}
	return payload.Bytes(), nil
}

// AnswerMessage answers a received message. Answers go out in the order of the messages.
func AnswerMessage(w io.Writer, id MessageID, answer Answer) error {
	return wire.WriteMessage(w, &answerFrame{ID: id, Answer: answer}, wire.ControlFrame)
}
