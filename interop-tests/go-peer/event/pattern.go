package event

import (
	"errors"
	"fmt"
	"strings"
)

// MaxPattern is the length of the longest pattern, in bytes.
const MaxPattern = 128

// AnyTopic is the pattern of every topic.
const AnyTopic Pattern = "*"

const (
	// oneSegment stands for any one segment.
	oneSegment = "*"
	// theRest stands for one or more segments at the end.
	theRest = "**"
)

// ErrPattern says that a text is no pattern.
var ErrPattern = errors.New("not a pattern")

// Pattern says which topics: segments between slashes, as in builds/*/done. A * stands for one segment, ** for all that
// follow, of which there is at least one, and a lone * for every topic.
type Pattern string

// ParsePattern reads a pattern.
func ParsePattern(text string) (Pattern, error) {
	if len(text) > MaxPattern {
		return "", fmt.Errorf("%w: it has more than %d bytes", ErrPattern, MaxPattern)
	}
	if err := isLegible(text); err != nil {
		return "", fmt.Errorf("%w: %w", ErrPattern, err)
	}
	segments := strings.Split(text, "/")
	for index, segment := range segments {
		last := index == len(segments)-1
		switch {
		case segment == "":
			return "", fmt.Errorf("%w: a segment is empty", ErrPattern)
		case segment == oneSegment || segment == theRest && last:
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

// Matches says whether a topic is one of them.
func (p Pattern) Matches(topic Topic) bool {
	if p == AnyTopic || p == theRest {
		return true
	}
	pattern, rest, more := "", string(p), true
	segment, topicRest, topicMore := "", string(topic), true
	for more && topicMore {
		pattern, rest, more = strings.Cut(rest, "/")
		segment, topicRest, topicMore = strings.Cut(topicRest, "/")
		if pattern == theRest {
			return true
		}
		if pattern != oneSegment && pattern != segment {
			return false
		}
	}
	return more == topicMore
}
