package service

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"testing"

	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
)

// duplex is a stream on which the peer has written all that it will, and which keeps what we write.
type duplex struct {
	io.Reader
	bytes.Buffer
}

func (d *duplex) Read(p []byte) (int, error) { return d.Reader.Read(p) }

func heard(b []byte) *duplex { return &duplex{Reader: bytes.NewReader(b)} }

func messageID(t *testing.T, text string) MessageID {
	t.Helper()
	id, err := ParseMessageID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func optionalID(t *testing.T, text *string) *MessageID {
	t.Helper()
	if text == nil {
		return nil
	}
	id := messageID(t, *text)
	return &id
}

func TestPortsAreAsWritten(t *testing.T) {
	var v struct {
		vectors.About
		Positive []struct {
			Port     uint16
			Protocol protocol.ID
			Service  *string
		}
		Negative []vectors.RefusedText
	}
	vectors.Load(t, "port.json", &v)
	for _, c := range v.Positive {
		port, err := ParsePort(Port(c.Port).String())
		if err != nil || port.Protocol() != c.Protocol {
			t.Errorf("port %d speaks %s, %v", c.Port, port.Protocol(), err)
		}
		service := ""
		if c.Service != nil {
			service = *c.Service
		}
		if port.Service() != service {
			t.Errorf("port %d is held by %q", c.Port, port.Service())
		}
		if back, ok := PortOfProtocol(c.Protocol); !ok || back != port {
			t.Errorf("%s is port %d", c.Protocol, back)
		}
	}
	for _, c := range v.Negative {
		if port, err := ParsePort(c.Text); err == nil {
			t.Errorf("%q is port %d, and should not be: %s", c.Text, port, c.Why)
		}
	}
}

func TestDataIsAsWritten(t *testing.T) {
	var v struct {
		vectors.About
		Messages []struct {
			ID      string
			Kind    Kind
			ReplyTo *string `json:"reply_to"`
			SentAt  uint64  `json:"sent_at"`
			Payload vectors.Hex
			Bytes   vectors.Hex
		}
		RefusedMessages []vectors.RefusedBytes `json:"refused_messages"`
		InvalidPayloads []struct {
			Kind    Kind
			Payload vectors.Hex
			Why     string
		} `json:"invalid_payloads"`
		Answers []struct {
			ID     string
			Answer Answer
			Bytes  vectors.Hex
		}
		RefusedAnswers []vectors.RefusedBytes `json:"refused_answers"`
	}
	vectors.Load(t, "data.json", &v)
	for _, c := range v.Messages {
		m := &Message{
			ID: messageID(t, c.ID), Kind: c.Kind, ReplyTo: optionalID(t, c.ReplyTo), SentAt: c.SentAt, Payload: c.Payload,
		}
		var written bytes.Buffer
		if err := WriteMessage(&written, m); err != nil || !bytes.Equal(written.Bytes(), c.Bytes) {
			t.Errorf("%x is written as %x, %v", c.Bytes, written.Bytes(), err)
		}
		read, err := ReceiveMessage(bytes.NewReader(c.Bytes))
		if err != nil || HeaderOf(read).ID != m.ID || !bytes.Equal(read.Payload, m.Payload) || read.Kind != m.Kind ||
			read.SentAt != m.SentAt || !reflect.DeepEqual(read.ReplyTo, m.ReplyTo) {
			t.Errorf("%x is read as %v, %v", c.Bytes, read, err)
		}
		if err := m.Validate(); err != nil {
			t.Error(err)
		}
	}
	for _, c := range v.RefusedMessages {
		if m, err := ReceiveMessage(bytes.NewReader(c.Bytes)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%x is read as %v, %v, and should not be: %s", c.Bytes, m, err, c.Why)
		}
	}
	for _, c := range v.InvalidPayloads {
		if err := (&Message{Kind: c.Kind, Payload: c.Payload}).Validate(); err == nil {
			t.Errorf("%x is valid, and should not be: %s", c.Payload, c.Why)
		}
	}
	for _, c := range v.Answers {
		id := messageID(t, c.ID)
		var written bytes.Buffer
		if err := AnswerMessage(&written, id, c.Answer); err != nil || !bytes.Equal(written.Bytes(), c.Bytes) {
			t.Errorf("%x is written as %x, %v", c.Bytes, written.Bytes(), err)
		}
		if answer, err := ReadAnswer(bytes.NewReader(c.Bytes), id); err != nil || answer != c.Answer {
			t.Errorf("%x is read as %v, %v", c.Bytes, answer, err)
		}
	}
	for _, c := range v.RefusedAnswers {
		m := &Message{ID: messageID(t, v.Answers[0].ID), Kind: KindBinary}
		if answer, err := SendMessage(heard(c.Bytes), m); err == nil {
			t.Errorf("%x is read as %v, and should not be: %s", c.Bytes, answer, c.Why)
		}
	}
}

func TestRunsAreAsWritten(t *testing.T) {
	var v struct {
		vectors.About
		Runs []struct {
			Send, Receive   uint64
			Request, Answer vectors.Hex
		}
		RefusedRequests []vectors.RefusedBytes `json:"refused_requests"`
		RefusedAnswers  []vectors.RefusedBytes `json:"refused_answers"`
	}
	vectors.Load(t, "perf.json", &v)
	for _, c := range v.Runs {
		run := Run{Send: c.Send, Receive: c.Receive}
		var asked bytes.Buffer
		if err := AskRun(&asked, run); err != nil || !bytes.Equal(asked.Bytes(), c.Request) {
			t.Errorf("%v is asked for by %x, %v", run, asked.Bytes(), err)
		}
		if got, err := ReadRunAnswer(bytes.NewReader(c.Answer), run); err != nil || got != c.Send {
			t.Errorf("%x is read as %d, %v", c.Answer, got, err)
		}
		if c.Send+c.Receive > 1<<20 {
			continue
		}
		stream := heard(append(slices.Clone(c.Request), make([]byte, c.Send)...))
		want := append(slices.Clone(c.Answer), make([]byte, c.Receive)...)
		if served, err := ServeRun(stream); err != nil || served != run || !bytes.Equal(stream.Bytes(), want) {
			t.Errorf("%v is served as %v, %v", run, served, err)
		}
	}
	for _, c := range v.RefusedRequests {
		stream := heard(c.Bytes)
		if run, err := ServeRun(stream); err == nil || errors.Is(err, io.EOF) || stream.Len() > 0 {
			t.Errorf("%x is served as %v, %v, and should not be: %s", c.Bytes, run, err, c.Why)
		}
	}
	for _, c := range v.RefusedAnswers {
		if got, err := ReadRunAnswer(bytes.NewReader(c.Bytes), Run{Send: 4}); err == nil {
			t.Errorf("%x is read as %d, and should not be: %s", c.Bytes, got, c.Why)
		}
	}
}
