package service

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// MaxFileName is the longest name of a file, in bytes of UTF-8: file systems end at 255, and a program may want to add a
// few.
const MaxFileName = 200

// What stands in the place of what a name may not have.
const substitute = '_'

// FileName is the name of a file as it travels: one component of a path, on every system, and shown as it is.
type FileName string

// Which rule for names of files a text breaks.
var (
	ErrNameEmpty     = errors.New("the name of a file has at least one character")
	ErrNameTooLong   = fmt.Errorf("the name of a file has at most %d bytes", MaxFileName)
	ErrNameDot       = errors.New("the name of a file does not begin with a dot")
	ErrNameCharacter = errors.New("may not stand in the name of a file")
)

// ParseFileName checks that a text is the name of a file.
func ParseFileName(text string) (FileName, error) {
	switch {
	case text == "":
		return "", ErrNameEmpty
	case len(text) > MaxFileName:
		return "", ErrNameTooLong
	case text[0] == '.':
		return "", ErrNameDot
	}
	for at, c := range text {
		if !mayStandInName(c) || (c == utf8.RuneError && !strings.HasPrefix(text[at:], "\uFFFD")) {
			return "", fmt.Errorf("%q %w", c, ErrNameCharacter)
		}
	}
	return FileName(text), nil
}

// FileNameOf is the name of the file at a path, with _ in place of what may not be sent, and cut to the length of a name.
func FileNameOf(path string) FileName {
	var name strings.Builder
	for _, c := range lossy(lastComponent(path)) {
		if !mayStandInName(c) {
			c = substitute
		}
		name.WriteRune(c)
	}
	text := name.String()
	if text == "" || text[0] == '.' {
		text = string(substitute) + text[min(len(text), 1):]
	}
	for len(text) > MaxFileName {
		_, width := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-width]
	}
	return FileName(text)
}

// mayStandInName refuses what separates, and what a terminal would act on or hide; the two joiners are not seen either.
func mayStandInName(c rune) bool {
	switch c {
	case '/', '\\', '\u200c', '\u200d':
		return false
	default:
		return !id.IsHidden(c)
	}
}

// lastComponent is the last component of a path, or nothing if that is a directory's dot.
func lastComponent(path string) string {
	for {
		path = strings.TrimRight(path, "/")
		rest, ok := strings.CutSuffix(path, "/.")
		if !ok {
			break
		}
		path = rest
	}
	last := path[strings.LastIndexByte(path, '/')+1:]
	if last == "." || last == ".." {
		return ""
	}
	return last
}

// lossy puts the replacement character in place of each piece that is not UTF-8: the longest beginning of a character, or
// else one byte.
func lossy(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	var valid strings.Builder
	for text != "" {
		c, width := utf8.DecodeRuneInString(text)
		if c == utf8.RuneError && width == 1 {
			for width < len(text) && !utf8.FullRuneInString(text[:width+1]) {
				width++
			}
		}
		valid.WriteRune(c)
		text = text[width:]
	}
	return valid.String()
}
