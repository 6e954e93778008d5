package wire

import (
	"fmt"
	"unicode/utf8"
)

// MaxDepth is how many arrays and maps may stand inside one another. The deepest message has four.
const MaxDepth = 16

// Fault is what is wrong with an item.
type Fault string

// The faults. Their texts are those of the golden vectors.
const (
	NotAMap      Fault = "a message that is not a map"
	Truncated    Fault = "an item that is cut short"
	Trailing     Fault = "bytes after the message"
	Length       Fault = "a length beyond the end"
	NotMinimal   Fault = "a number in a longer form than needed"
	Indefinite   Fault = "an indefinite length"
	Reserved     Fault = "a reserved initial byte"
	Key          Fault = "a map key that is not text"
	DuplicateKey Fault = "a duplicate map key"
	UTF8         Fault = "a text that is not utf-8"
	Tag          Fault = "a tag"
	Float        Fault = "a float"
	Simple       Fault = "a simple value other than false, true and null"
	Depth        Fault = "nesting over 16 levels"
)

// MalformedError says that bytes are not CBOR in the strict subset, whatever message is expected.
type MalformedError struct {
	// At is the offset of the item in question.
	At int
	// Fault is what is wrong there.
	Fault Fault
}

// Error implements error.
func (e *MalformedError) Error() string { return fmt.Sprintf("%s at byte %d", e.Fault, e.At) }

// Major types of CBOR.
const (
	majorUnsigned = iota
	majorNegative
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorSimple
)

// Additional information of major type 7 that is used.
const (
	infoFalse      = 20
	infoTrue       = 21
	infoNull       = 22
	infoIndefinite = 31
)

// head is the initial byte of an item with the number behind it.
type head struct {
	at    int
	major byte
	info  byte
	value uint64
}

// scanner passes over items, and refuses what leaves the strict subset. It allocates for the keys that it has read,
// never for a claimed length.
type scanner struct {
	bytes []byte
	at    int
}

// scanMessage checks that b is exactly one map in the strict subset.
func scanMessage(b []byte) error {
	if len(b) > 0 && b[0]>>5 != majorMap {
		return &MalformedError{At: 0, Fault: NotAMap}
	}
	s := scanner{bytes: b}
	if err := s.item(0); err != nil {
		return err
	}
	if s.at != len(b) {
		return &MalformedError{At: s.at, Fault: Trailing}
	}
	return nil
}

// item passes over one item that stands inside depth arrays and maps.
func (s *scanner) item(depth int) error {
	h, err := s.head()
	if err != nil {
		return err
	}
	switch h.major {
	case majorUnsigned, majorNegative:
		return nil
	case majorBytes:
		_, err = s.string(h)
		return err
	case majorText:
		_, err = s.text(h)
		return err
	case majorArray:
		return s.array(h, depth+1)
	case majorMap:
		return s.pairs(h, depth+1)
	case majorTag:
		return &MalformedError{At: h.at, Fault: Tag}
	}
	switch h.info {
	case infoFalse, infoTrue, infoNull:
		return nil
	case 25, 26, 27:
		return &MalformedError{At: h.at, Fault: Float}
	}
	return &MalformedError{At: h.at, Fault: Simple}
}

// head reads an initial byte and its number, which has to be in the shortest form.
func (s *scanner) head() (head, error) {
	at := s.at
	initial, err := s.take(at, 1)
	if err != nil {
		return head{}, err
	}
	h := head{at: at, major: initial[0] >> 5, info: initial[0] & 0x1F}
	var width int
	var least uint64
	switch h.info {
	case 24:
		width, least = 1, 24
	case 25:
		width, least = 2, 1<<8
	case 26:
		width, least = 4, 1<<16
	case 27:
		width, least = 8, 1<<32
	case 28, 29, 30:
		return head{}, &MalformedError{At: at, Fault: Reserved}
	case infoIndefinite:
		return head{}, &MalformedError{At: at, Fault: Indefinite}
	default:
		h.value = uint64(h.info)
		return h, nil
	}
	number, err := s.take(at, width)
	if err != nil {
		return head{}, err
	}
	for _, digit := range number {
		h.value = h.value<<8 | uint64(digit)
	}
	// In major type 7 the bytes are a float or a simple value, not a number with a shorter form.
	if h.major != majorSimple && h.value < least {
		return head{}, &MalformedError{At: at, Fault: NotMinimal}
	}
	return h, nil
}

// take takes the next bytes of the item that began at start.
func (s *scanner) take(start, count int) ([]byte, error) {
	if count > len(s.bytes)-s.at {
		return nil, &MalformedError{At: start, Fault: Truncated}
	}
	taken := s.bytes[s.at : s.at+count]
	s.at += count
	return taken, nil
}

// length is the length or count of h, if as many units of so many bytes are left at all.
func (s *scanner) length(h head, unit int) (int, error) {
	if h.value > uint64((len(s.bytes)-s.at)/unit) {
		return 0, &MalformedError{At: h.at, Fault: Length}
	}
	return int(h.value), nil
}

func (s *scanner) string(h head) ([]byte, error) {
	length, err := s.length(h, 1)
	if err != nil {
		return nil, err
	}
	return s.take(h.at, length)
}

func (s *scanner) text(h head) (string, error) {
	b, err := s.string(h)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(b) {
		return "", &MalformedError{At: h.at, Fault: UTF8}
	}
	return string(b), nil
}

func (s *scanner) array(h head, depth int) error {
	count, err := s.length(h, 1)
	if err != nil {
		return err
	}
	if depth > MaxDepth {
		return &MalformedError{At: h.at, Fault: Depth}
	}
	for range count {
		if err := s.item(depth); err != nil {
			return err
		}
	}
	return nil
}

func (s *scanner) pairs(h head, depth int) error {
	// An entry takes two bytes at least.
	count, err := s.length(h, 2)
	if err != nil {
		return err
	}
	if depth > MaxDepth {
		return &MalformedError{At: h.at, Fault: Depth}
	}
	keys := make(map[string]struct{})
	for range count {
		key, err := s.head()
		if err != nil {
			return err
		}
		if key.major != majorText {
			return &MalformedError{At: key.at, Fault: Key}
		}
		text, err := s.text(key)
		if err != nil {
			return err
		}
		if _, twice := keys[text]; twice {
			return &MalformedError{At: key.at, Fault: DuplicateKey}
		}
		keys[text] = struct{}{}
		if err := s.item(depth); err != nil {
			return err
		}
	}
	return nil
}
