package trust

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// ErrPattern says that a text is no pattern.
var ErrPattern = errors.New("not a pattern")

// AnyTopic is the pattern of every topic.
const AnyTopic Pattern = "*"

// Pattern says which topics: segments between slashes, as in builds/*/done. A * stands for one segment, ** for all that
// follow, and a lone * for every topic.
type Pattern string

// ParsePattern reads a pattern.
func ParsePattern(text string) (Pattern, error) {
	if len(text) > MaxPattern {
		return "", fmt.Errorf("%w: it has more than %d bytes", ErrPattern, MaxPattern)
	}
	if !utf8.ValidString(text) {
		return "", fmt.Errorf("%w: it is not utf-8", ErrPattern)
	}
	if at := strings.IndexFunc(text, id.IsHidden); at >= 0 {
		return "", fmt.Errorf("%w: a character in it that nobody sees, at byte %d", ErrPattern, at)
	}
	segments := strings.Split(text, "/")
	for index, segment := range segments {
		last := index == len(segments)-1
		switch {
		case segment == "":
			return "", fmt.Errorf("%w: a segment is empty", ErrPattern)
		case segment == "*" || segment == "**" && last:
		case strings.Contains(segment, "*"):
			return "", fmt.Errorf("%w: * is a segment by itself, and ** is the last one", ErrPattern)
		}
	}
	return Pattern(text), nil
}

// Check says whether it is a pattern: for patterns that were not parsed.
func (p Pattern) Check() error {
	_, err := ParsePattern(string(p))
	return err
}
