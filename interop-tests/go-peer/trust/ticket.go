package trust

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/airway-net/airway/interop-tests/go-peer/card"
	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// TicketPrefix is what the text of every ticket begins with.
const TicketPrefix = "airway-pair:"

// MaxTicketBytes is the cap of a ticket's bytes: a card, and some 70 beside it.
const MaxTicketBytes = card.MaxBytes + 128

// ticketDomain keeps proofs apart from every other use of the secret.
const ticketDomain = "airway-ticket-v1\x00"

// Why a text is not a ticket. See also package wire, for what it holds, and package card.
var (
	// ErrNotATicket says that the text does not begin with airway-pair:.
	ErrNotATicket = errors.New("not a ticket: a ticket begins with airway-pair:")
	// ErrTicketIsCard says that the text is a contact card.
	ErrTicketIsCard = errors.New("that is a contact card, not a ticket: a ticket begins with airway-pair:")
)

// TicketID is what the maker of a ticket, who draws it at random, knows it by: 16 hexadecimal digits as text, 8 bytes in
// messages.
type TicketID [8]byte

// String is the id as text.
func (t TicketID) String() string { return hex.EncodeToString(t[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (t TicketID) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (t *TicketID) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(t) {
		return errors.New("the id of a ticket is 16 hexadecimal digits")
	}
	*t = TicketID(b)
	return nil
}

// Proof says that the author of a statement knows the secret of a ticket.
type Proof struct {
	// Ticket is the ticket.
	Ticket TicketID `cbor:"ticket"`
	// Proof is HMAC-SHA256 under the secret, of a domain and the id of the statement.
	Proof [32]byte `cbor:"proof"`
}

// Ticket is a card with a secret that is good for one request. Its text holds the secret, so that whoever has read it can
// use it. The secret itself never travels.
//
//	airway-pair:<base64url, no padding, of a CBOR map ‖ the first 4 bytes of its SHA-256>
type Ticket struct {
	// Card is whom to ask, and where.
	Card *card.Card
	// ID is by which the maker knows it again.
	ID TicketID
	// Secret is what the proof proves the knowledge of.
	Secret [wire.SecretBytes]byte
	// Expires is when it ends, in milliseconds since the Unix epoch by its maker's clock.
	Expires uint64
}

// contents are what the text holds. The order of the fields is their order in it.
type contents struct {
	Card    []byte                 `cbor:"card"`
	ID      TicketID               `cbor:"id"`
	Secret  [wire.SecretBytes]byte `cbor:"secret"`
	Expires uint64                 `cbor:"expires"`
}

// NewTicket draws a ticket to the agent of a card.
func NewTicket(c *card.Card, expires uint64) (*Ticket, error) {
	t := &Ticket{Card: c, Expires: expires}
	if _, err := rand.Read(t.ID[:]); err != nil {
		return nil, err
	}
	_, err := rand.Read(t.Secret[:])
	return t, err
}

// ParseTicket reads the text of a ticket. Blanks around it are allowed: copying leaves them there.
func ParseTicket(text string) (*Ticket, error) {
	b, err := wire.ReadSecretText(text, TicketPrefix, MaxTicketBytes)
	if errors.Is(err, wire.ErrSecretPrefix) {
		if strings.HasPrefix(strings.TrimSpace(text), card.Prefix) {
			return nil, ErrTicketIsCard
		}
		return nil, ErrNotATicket
	}
	if err != nil {
		return nil, fmt.Errorf("a ticket: %w", err)
	}
	var held contents
	if err := wire.Decode(b, &held); err != nil {
		return nil, fmt.Errorf("the ticket does not hold what a ticket holds: %w", err)
	}
	c, err := card.FromBytes(held.Card)
	if err != nil {
		return nil, fmt.Errorf("the card in the ticket: %w", err)
	}
	return &Ticket{Card: c, ID: held.ID, Secret: held.Secret, Expires: held.Expires}, nil
}

// Encode is the text of the ticket. It is not String, so that no log shows the secret by accident.
func (t *Ticket) Encode() (string, error) {
	b, err := wire.Encode(&contents{Card: t.Card.Bytes(), ID: t.ID, Secret: t.Secret, Expires: t.Expires})
	if err != nil {
		return "", err
	}
	return wire.SecretText(TicketPrefix, b), nil
}

// String names the ticket without its secret.
func (t *Ticket) String() string { return "ticket " + t.ID.String() }

// Prove is the proof that goes along with a request.
func (t *Ticket) Prove(statement StatementID) Proof {
	return Proof{Ticket: t.ID, Proof: wire.Prove(t.Secret, ticketDomain, statement[:])}
}

// VerifyProof says whether the author of the statement knew the secret. It takes the same time for every wrong proof.
func VerifyProof(secret [wire.SecretBytes]byte, statement StatementID, proof [32]byte) bool {
	return wire.Proves(proof, secret, ticketDomain, statement[:])
}
