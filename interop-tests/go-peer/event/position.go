package event

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrPosition says that a text is no position.
var ErrPosition = errors.New("a position is two numbers with a dot between them, as in 17.1042")

// Position is where an event stands in the stream of a broker: the one order in which it has taken events in, whatever
// their topics.
type Position struct {
	// Epoch is how often the broker has started.
	Epoch uint64 `cbor:"epoch" json:"epoch"`
	// Seq counts the events since then, from 1.
	Seq uint64 `cbor:"seq" json:"seq"`
}

// ParsePosition reads a position in its one spelling.
func ParsePosition(text string) (Position, error) {
	before, after, _ := strings.Cut(text, ".")
	epoch, errEpoch := number(before)
	seq, errSeq := number(after)
	if errEpoch != nil || errSeq != nil {
		return Position{}, ErrPosition
	}
	return Position{Epoch: epoch, Seq: seq}, nil
}

// number reads a decimal number without a sign or leading zeros.
func number(text string) (uint64, error) {
	read, err := strconv.ParseUint(text, 10, 64)
	if err == nil && strconv.FormatUint(read, 10) != text {
		return 0, ErrPosition
	}
	return read, err
}

// Compare is negative, 0 or positive: whether p stands before, at or behind q.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.Epoch, q.Epoch), cmp.Compare(p.Seq, q.Seq))
}

// String is the position as text.
func (p Position) String() string { return fmt.Sprintf("%d.%d", p.Epoch, p.Seq) }

// MarshalText implements [encoding.TextMarshaler].
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (p *Position) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePosition(string(text))
	return err
}
