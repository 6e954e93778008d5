package event

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// MaxTopic is the length of the longest topic, in bytes.
const MaxTopic = 128

// ErrTopic says that a text is no topic.
var ErrTopic = errors.New("not a topic")

// Topic is what an event is about: segments between slashes, as in builds/web/done.
type Topic string

// ParseTopic reads a topic.
func ParseTopic(text string) (Topic, error) {
	if len(text) > MaxTopic {
		return "", fmt.Errorf("%w: it has more than %d bytes", ErrTopic, MaxTopic)
	}
	if err := isLegible(text); err != nil {
		return "", fmt.Errorf("%w: %w", ErrTopic, err)
	}
	for segment := range strings.SplitSeq(text, "/") {
		switch {
		case segment == "":
			return "", fmt.Errorf("%w: a segment is empty", ErrTopic)
		case strings.Contains(segment, "*"):
			return "", fmt.Errorf("%w: a * is for patterns", ErrTopic)
		}
	}
	return Topic(text), nil
}

// Check says whether it is a topic: for topics that were not parsed.
func (t Topic) Check() error {
	_, err := ParseTopic(string(t))
	return err
}

// Segments are what stands between the slashes.
func (t Topic) Segments() []string { return strings.Split(string(t), "/") }

// isLegible refuses what people cannot see, and what is no text.
func isLegible(text string) error {
	if !utf8.ValidString(text) {
		return errors.New("it is not utf-8")
	}
	if at := strings.IndexFunc(text, id.IsHidden); at >= 0 {
		return fmt.Errorf("a character in it that nobody sees, at byte %d", at)
	}
	return nil
}
