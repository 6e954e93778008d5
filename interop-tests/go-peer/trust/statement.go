package trust

import (
	"errors"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// ErrStatement says that a statement breaks a rule. What is wrong with its envelope is one of the errors of package wire.
var ErrStatement = errors.New("the statement breaks a rule")

// Draft is what is to be said, before it is signed.
type Draft struct {
	// Kind is what is said.
	Kind Kind
	// Generation is which round between the two it belongs to, at most [MaxGeneration]. See [Relation].
	Generation uint64
	// At is when it was signed, in milliseconds since the Unix epoch by the author's clock, at most [MaxTime]. It grows
	// with each statement of one author to one agent.
	At uint64
	// Text is why, in the author's words: at most [MaxText] bytes of hostile text, to be shown by [id.Clean].
	Text *string
	// Answers is the request that this accepts, rejects or takes back. An accept and a reject have it, a revoke may, a
	// request has none.
	Answers *StatementID
	// Scopes are what the author lets the other do. A request and an accept may have them; nil is [Everything].
	Scopes *Scopes
	// Card is the author's. A request has it, and an accept may.
	Card *card.Card
}

// Statement is a statement after every check that needs no context: the signature, and the rules of its kind. The receiver
// has two more: that it is [Statement.To] itself, and that the author is the peer that it came from.
type Statement struct {
	Draft
	id  StatementID
	key crypto.PubKey
	to  id.AgentID
	// As received or signed: another encoding of the same contents would be another statement.
	envelope []byte
}

// Sign signs a statement to an agent.
func Sign(key crypto.PrivKey, to id.AgentID, draft Draft) (*Statement, error) {
	raw, err := wire.RawKey(key.GetPublic())
	if err != nil {
		return nil, err
	}
	b := bodyOf(raw, to, draft)
	// Validated first, so that a statement which nobody could read is not signed.
	s, err := b.validate()
	if err != nil {
		return nil, err
	}
	envelope, err := wire.Seal(key, &b)
	if err != nil {
		return nil, err
	}
	s.envelope, s.id = envelope, StatementIDOf(envelope)
	return s, nil
}

// FromBytes verifies the bytes of a statement.
func FromBytes(envelope []byte) (*Statement, error) {
	var b body
	if _, err := wire.Open(envelope, &b); err != nil {
		return nil, err
	}
	s, err := b.validate()
	if err != nil {
		return nil, err
	}
	s.envelope, s.id = slices.Clone(envelope), StatementIDOf(envelope)
	return s, nil
}

// Bytes are the signed envelope.
func (s *Statement) Bytes() []byte { return slices.Clone(s.envelope) }

// ID is the hash by which others name it.
func (s *Statement) ID() StatementID { return s.id }

// PublicKey is the author's key.
func (s *Statement) PublicKey() crypto.PubKey { return s.key }

// PeerID is the author as a peer.
func (s *Statement) PeerID() (peer.ID, error) { return peer.IDFromPublicKey(s.key) }

// AgentID is the author.
func (s *Statement) AgentID() (id.AgentID, error) { return id.AgentIDOf(s.key) }

// To is the agent that it is said to.
func (s *Statement) To() id.AgentID { return s.to }

// IsAhead says whether it was signed more than [MaxAhead] after now, by the reader's clock. The reader refuses it then:
// heard, it would make all that its author says until that time count as older.
func (s *Statement) IsAhead(now uint64) bool {
	latest := now + MaxAhead
	return latest >= now && s.At > latest
}

// body is the signed payload of a statement. The order of the fields is their order on the wire.
type body struct {
	Version    uint64       `cbor:"version"`
	Kind       Kind         `cbor:"kind"`
	From       [32]byte     `cbor:"from"`
	To         id.AgentID   `cbor:"to"`
	Generation uint64       `cbor:"generation"`
	At         uint64       `cbor:"at"`
	Text       *string      `cbor:"text,omitzero"`
	Answers    *StatementID `cbor:"answers,omitzero"`
	Scopes     *Scopes      `cbor:"scopes,omitzero"`
	// Card is the envelope of a card.
	Card []byte `cbor:"card,omitzero"`
}

// version is the version of statements that this code writes and reads.
const version = 1

// Domain implements [wire.Object].
func (*body) Domain() string { return "airway-trust-v1" }

// MaxBytes implements [wire.Object].
func (*body) MaxBytes() int { return MaxBytes }

// Signer implements [wire.Object].
func (b *body) Signer() [32]byte { return b.From }

// bodyOf is what a key would sign. It checks nothing.
func bodyOf(from [32]byte, to id.AgentID, d Draft) body {
	b := body{
		Version: version, Kind: d.Kind, From: from, To: to, Generation: d.Generation, At: d.At,
		Text: d.Text, Answers: d.Answers, Scopes: d.Scopes,
	}
	if d.Card != nil {
		b.Card = d.Card.Bytes()
	}
	return b
}

// validate checks every rule and gives the contents their types.
func (b *body) validate() (*Statement, error) {
	if err := b.numbers(); err != nil {
		return nil, err
	}
	if err := b.parts(); err != nil {
		return nil, err
	}
	key, err := wire.StrongKey(b.From[:])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	s := &Statement{key: key, to: b.To, Draft: Draft{
		Kind: b.Kind, Generation: b.Generation, At: b.At, Text: b.Text, Answers: b.Answers, Scopes: b.Scopes,
	}}
	if b.Card == nil {
		return s, nil
	}
	if s.Card, err = card.FromBytes(b.Card); err != nil {
		return nil, fmt.Errorf("%w: the card in it: %w", ErrStatement, err)
	}
	if !s.Card.PublicKey().Equals(key) {
		return nil, fmt.Errorf("%w: the card in it is another agent's", ErrStatement)
	}
	return s, nil
}

func (b *body) numbers() error {
	switch {
	case b.Version != version:
		return fmt.Errorf("%w: version %d is not known, only %d is", ErrStatement, b.Version, version)
	case b.Generation > MaxGeneration:
		return fmt.Errorf("%w: generation %d is over the limit", ErrStatement, b.Generation)
	case b.At > MaxTime:
		return fmt.Errorf("%w: %d is no time", ErrStatement, b.At)
	}
	return b.Kind.Check()
}

// parts checks which parts a statement of its kind has, and how large they may be.
func (b *body) parts() error {
	unfit := func(what string) error { return fmt.Errorf("%w: a %s %s", ErrStatement, b.Kind, what) }
	if b.Text != nil && len(*b.Text) > MaxText {
		return unfit(fmt.Sprintf("with a text of %d bytes, at most %d", len(*b.Text), MaxText))
	}
	isEnd := b.Kind == KindReject || b.Kind == KindRevoke
	switch {
	case b.Kind == KindRequest && b.Answers != nil:
		return unfit("answers nothing")
	case b.Kind == KindRequest && b.Card == nil:
		return unfit("has to bring a card")
	case (b.Kind == KindAccept || b.Kind == KindReject) && b.Answers == nil:
		return unfit("has to name the request that it answers")
	case isEnd && b.Scopes != nil:
		return unfit("has no scopes")
	case isEnd && b.Card != nil:
		return unfit("has no card")
	}
	if b.Scopes != nil {
		return b.Scopes.Validate()
	}
	return nil
}
