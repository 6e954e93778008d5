package id

import (
	"errors"
	"fmt"
)

// MaxTag is the longest tag, in characters.
const MaxTag = 32

// MaxTags is how many tags an agent has: more would make every tag mean less.
const MaxTags = 3

// ErrTag says that a text is no tag.
var ErrTag = errors.New("not a tag")

// Tag is a word such as ocr: lower-case letters, digits and inner hyphens. Anybody may claim any: a tag finds agents and
// allows them nothing.
type Tag string

// ParseTag reads a tag.
func ParseTag(text string) (Tag, error) {
	if err := checkLabel(text, MaxTag); err != nil {
		return "", fmt.Errorf("%w: %w", ErrTag, err)
	}
	return Tag(text), nil
}

// Check says whether it is a tag: for tags that were not parsed.
func (t Tag) Check() error {
	_, err := ParseTag(string(t))
	return err
}
