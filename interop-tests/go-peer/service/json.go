package service

// validJSON says whether bytes are exactly one JSON value (RFC 8259). Nesting costs a byte a level and no stack, unlike with
// encoding/json, which refuses what is nested over 10,000 levels: a payload has no such rule. The caller has checked that
// the bytes are UTF-8.
func validJSON(bytes []byte) bool {
	s := jsonScan{bytes: bytes}
	if !s.value() {
		return false
	}
	s.space()
	return s.at == len(s.bytes)
}

type jsonScan struct {
	bytes []byte
	at    int
	// One entry for each array or object that is open: its closing character.
	open []byte
}

// value passes over one value and whatever is in it.
func (s *jsonScan) value() bool {
	for {
		s.space()
		ok, opened := s.begin()
		if !ok {
			return false
		}
		if opened {
			continue
		}
		done, ok := s.follow()
		if done || !ok {
			return ok
		}
	}
}

// begin passes over a value without parts, or the beginning of one with parts, up to where its first value begins.
func (s *jsonScan) begin() (ok, opened bool) {
	switch c := s.peek(); {
	case c == '[':
		s.at++
		s.space()
		if s.peek() == ']' {
			s.at++
			return true, false
		}
		s.open = append(s.open, ']')
		return true, true
	case c == '{':
		s.at++
		s.space()
		if s.peek() == '}' {
			s.at++
			return true, false
		}
		s.open = append(s.open, '}')
		return s.key(), true
	case c == '"':
		return s.text(), false
	case c == '-' || isDigit(c):
		return s.number(), false
	default:
		return s.word("null") || s.word("true") || s.word("false"), false
	}
}

// follow passes over what stands behind a value: done if nothing is open any more, otherwise up to the next value.
func (s *jsonScan) follow() (done, ok bool) {
	for len(s.open) > 0 {
		s.space()
		last := s.open[len(s.open)-1]
		switch s.peek() {
		case last:
			s.at++
			s.open = s.open[:len(s.open)-1]
		case ',':
			s.at++
			if last == '}' {
				s.space()
				return false, s.key()
			}
			return false, true
		default:
			return false, false
		}
	}
	return true, true
}

// key passes over the key of an object and the colon.
func (s *jsonScan) key() bool {
	if !s.text() {
		return false
	}
	s.space()
	return s.word(":")
}

func (s *jsonScan) text() bool {
	if !s.word(`"`) {
		return false
	}
	for s.at < len(s.bytes) {
		c := s.bytes[s.at]
		s.at++
		switch {
		case c == '"':
			return true
		case c < 0x20:
			return false
		case c == '\\' && !s.escape():
			return false
		}
	}
	return false
}

func (s *jsonScan) escape() bool {
	c := s.peek()
	s.at++
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			if c := s.peek(); !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return false
			}
			s.at++
		}
		return true
	default:
		return false
	}
}

func (s *jsonScan) number() bool {
	s.word("-")
	if !s.word("0") && !s.digits() {
		return false
	}
	if s.word(".") && !s.digits() {
		return false
	}
	if s.peek()|0x20 == 'e' {
		s.at++
		if c := s.peek(); c == '+' || c == '-' {
			s.at++
		}
		return s.digits()
	}
	return true
}

// digits passes over at least one digit.
func (s *jsonScan) digits() bool {
	start := s.at
	for isDigit(s.peek()) {
		s.at++
	}
	return s.at > start
}

// word passes over these characters, if they are what comes.
func (s *jsonScan) word(word string) bool {
	if len(s.bytes)-s.at < len(word) || string(s.bytes[s.at:s.at+len(word)]) != word {
		return false
	}
	s.at += len(word)
	return true
}

func (s *jsonScan) space() {
	for {
		switch s.peek() {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// peek is the next byte, or 0 at the end.
func (s *jsonScan) peek() byte {
	if s.at < len(s.bytes) {
		return s.bytes[s.at]
	}
	return 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
