package trust_test

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"testing"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/internal/vectors"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
	"github.com/airway-net/airway/interop-tests/go-peer/trust"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// file is trust.json.
type file struct {
	vectors.About
	Statements        []signed
	RefusedStatements []vectors.RefusedBytes `json:"refused_statements"`
	Patterns          []string
	RefusedPatterns   []vectors.RefusedText `json:"refused_patterns"`
	Scopes            []struct {
		Scopes json.RawMessage
		Bytes  vectors.Hex
		Admits []service.Port
	}
	RefusedScopes []vectors.RefusedBytes `json:"refused_scopes"`
	Told          vectors.Hex
	Answers       []struct {
		Answer trust.Verdict
		Bytes  vectors.Hex
	}
	RefusedAnswers []vectors.RefusedBytes `json:"refused_answers"`
	Knocks         []struct {
		Statement     vectors.Hex
		Ticket, Proof *vectors.Hex
		Bytes         vectors.Hex
	}
	KnockAnswer    vectors.Hex            `json:"knock_answer"`
	RefusedKnocks  []vectors.RefusedBytes `json:"refused_knocks"`
	Tickets        []ticketed
	RefusedTickets []vectors.RefusedText `json:"refused_tickets"`
}

type signed struct {
	Seed           vectors.Hex
	To             vectors.Hex
	Kind           trust.Kind
	Generation, At uint64
	Text           *string
	Answers        *vectors.Hex
	Scopes         *trust.Scopes
	Card           *card.Card
	Bytes, ID      vectors.Hex
}

type ticketed struct {
	Card             *card.Card
	ID, Secret       vectors.Hex
	Expires          uint64
	Text             string
	Statement, Proof vectors.Hex
}

// stream is one whose other end has said all that it will ever say.
type stream struct {
	io.Reader
	said bytes.Buffer
}

func hearing(b []byte) *stream                     { return &stream{Reader: bytes.NewReader(b)} }
func (s *stream) Write(b []byte) (int, error)      { return s.said.Write(b) }
func (s *stream) CloseWrite() error                { return nil }
func load(t *testing.T) (f file)                   { vectors.Load(t, "trust.json", &f); return f }
func statementOf(h vectors.Hex) *trust.StatementID { s := trust.StatementID(h); return &s }

func TestStatementsAreAsWritten(t *testing.T) {
	f := load(t)
	for _, given := range f.Statements {
		draft := trust.Draft{
			Kind: given.Kind, Generation: given.Generation, At: given.At, Text: given.Text, Scopes: given.Scopes, Card: given.Card,
		}
		if given.Answers != nil {
			draft.Answers = statementOf(*given.Answers)
		}
		key := vectors.Key(t, given.Seed)
		made, err := trust.Sign(key, id.AgentID(given.To), draft)
		if err != nil || !bytes.Equal(made.Bytes(), given.Bytes) {
			t.Fatalf("a %s is signed as %x, %v", given.Kind, made.Bytes(), err)
		}
		read, err := trust.FromBytes(given.Bytes)
		if err != nil || read.ID() != trust.StatementID(given.ID) || read.To() != id.AgentID(given.To) {
			t.Fatalf("a %s is read as another: %v", given.Kind, err)
		}
		if !read.PublicKey().Equals(key.GetPublic()) {
			t.Errorf("a %s of another author", given.Kind)
		}
		again, err := trust.Sign(key, read.To(), read.Draft)
		if err != nil || again.ID() != read.ID() {
			t.Errorf("a %s is lost in reading: %v", given.Kind, err)
		}
	}
	for _, refused := range f.RefusedStatements {
		if read, err := trust.FromBytes(refused.Bytes); err == nil {
			t.Errorf("a %s was read, although %s", read.Kind, refused.Why)
		}
	}
}

func TestPatternsAndScopesAreAsWritten(t *testing.T) {
	f := load(t)
	for _, text := range f.Patterns {
		if pattern, err := trust.ParsePattern(text); err != nil || string(pattern) != text {
			t.Errorf("%s is read as %s, %v", text, pattern, err)
		}
	}
	for _, refused := range f.RefusedPatterns {
		if _, err := trust.ParsePattern(refused.Text); err == nil {
			t.Errorf("%q is a pattern, although %s", refused.Text, refused.Why)
		}
	}
	for _, given := range f.Scopes {
		var fromJSON, read trust.Scopes
		if err := json.Unmarshal(given.Scopes, &fromJSON); err != nil {
			t.Fatal(err)
		}
		if err := wire.Decode(given.Bytes, &read); err != nil || read.Validate() != nil {
			t.Fatalf("%s: %v", given.Scopes, err)
		}
		for _, scopes := range []*trust.Scopes{&fromJSON, &read} {
			if b, err := wire.Encode(scopes); err != nil || !bytes.Equal(b, given.Bytes) {
				t.Errorf("%s is written as %x, %v", given.Scopes, b, err)
			}
		}
		var admits []service.Port
		for _, port := range []service.Port{7, 80, 81, 444, 1000, 1001, 1002, 1003} {
			if read.Admits(port.Protocol()) {
				admits = append(admits, port)
			}
		}
		if !slices.Equal(admits, given.Admits) {
			t.Errorf("%s admits %v", given.Scopes, admits)
		}
	}
	for _, refused := range f.RefusedScopes {
		if err := wire.Decode(refused.Bytes, &trust.Scopes{}); err == nil {
			t.Errorf("%x are scopes, although %s", refused.Bytes, refused.Why)
		}
	}
}

func TestWhatIsToldIsAsWritten(t *testing.T) {
	f := load(t)
	body, err := trust.Hear(bytes.NewReader(f.Told))
	if err != nil {
		t.Fatal(err)
	}
	request, err := trust.FromBytes(body)
	if err != nil {
		t.Fatal(err)
	}
	for _, given := range f.Answers {
		opener, responder := hearing(given.Bytes), hearing(nil)
		if verdict, err := trust.Tell(opener, request); err != nil || verdict != given.Answer {
			t.Errorf("answer %d is read as %d, %v", given.Answer, verdict, err)
		}
		if !bytes.Equal(opener.said.Bytes(), f.Told) {
			t.Errorf("told as %x", opener.said.Bytes())
		}
		if err := trust.Answer(responder, given.Answer); err != nil || !bytes.Equal(responder.said.Bytes(), given.Bytes) {
			t.Errorf("answered as %x, %v", responder.said.Bytes(), err)
		}
	}
	for _, refused := range f.RefusedAnswers {
		if verdict, err := trust.Tell(hearing(refused.Bytes), request); err == nil {
			t.Errorf("%x is answer %d, although %s", refused.Bytes, verdict, refused.Why)
		}
	}
}

func TestKnocksAreAsWritten(t *testing.T) {
	f := load(t)
	for _, given := range f.Knocks {
		knock := &trust.Knock{Statement: given.Statement}
		if given.Ticket != nil {
			knock.Ticket = &trust.Proof{Ticket: trust.TicketID(*given.Ticket), Proof: [32]byte(*given.Proof)}
		}
		opener := hearing(f.KnockAnswer)
		if err := trust.SendKnock(opener, knock); err != nil || !bytes.Equal(opener.said.Bytes(), given.Bytes) {
			t.Errorf("knocked as %x, %v", opener.said.Bytes(), err)
		}
		responder := hearing(given.Bytes)
		heard, err := trust.HearKnock(responder)
		if err != nil || !bytes.Equal(heard.Statement, given.Statement) || (heard.Ticket == nil) != (given.Ticket == nil) {
			t.Fatalf("heard as %+v, %v", heard, err)
		}
		if heard.Ticket != nil && *heard.Ticket != *knock.Ticket {
			t.Errorf("heard with another proof: %+v", heard.Ticket)
		}
		if err := trust.AnswerKnock(responder); err != nil || !bytes.Equal(responder.said.Bytes(), f.KnockAnswer) {
			t.Errorf("answered as %x, %v", responder.said.Bytes(), err)
		}
	}
	for _, refused := range f.RefusedKnocks {
		if _, err := trust.HearKnock(bytes.NewReader(refused.Bytes)); err == nil {
			t.Errorf("%x is a knock, although %s", refused.Bytes, refused.Why)
		}
	}
}

func TestTicketsAreAsWritten(t *testing.T) {
	f := load(t)
	for _, given := range f.Tickets {
		ticket := &trust.Ticket{
			Card: given.Card, ID: trust.TicketID(given.ID), Secret: [wire.SecretBytes]byte(given.Secret), Expires: given.Expires,
		}
		if text, err := ticket.Encode(); err != nil || text != given.Text {
			t.Errorf("written as %s, %v", text, err)
		}
		read, err := trust.ParseTicket(given.Text)
		if err != nil || read.ID != ticket.ID || read.Secret != ticket.Secret || read.Expires != ticket.Expires {
			t.Fatalf("read as %s, %v", read, err)
		}
		if read.Card.String() != given.Card.String() {
			t.Errorf("a ticket to another: %s", read.Card)
		}
		statement := *statementOf(given.Statement)
		proof := read.Prove(statement)
		if !bytes.Equal(proof.Proof[:], given.Proof) || !trust.VerifyProof(ticket.Secret, statement, proof.Proof) {
			t.Errorf("another proof: %x", proof.Proof)
		}
		proof.Proof[0] ^= 1
		if trust.VerifyProof(ticket.Secret, statement, proof.Proof) {
			t.Error("a wrong proof is good")
		}
	}
	for _, refused := range f.RefusedTickets {
		if _, err := trust.ParseTicket(refused.Text); err == nil {
			t.Errorf("%q is a ticket, although %s", refused.Text, refused.Why)
		}
	}
}
