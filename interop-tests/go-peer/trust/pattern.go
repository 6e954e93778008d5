package trust

import "github.com/airway-net/airway/interop-tests/go-peer/event"

// Pattern says which topics.
type Pattern = event.Pattern

// AnyTopic is the pattern of every topic.
const AnyTopic = event.AnyTopic

// MaxPattern is the longest pattern, in bytes of UTF-8.
const MaxPattern = event.MaxPattern

// ErrPattern says that a text is no pattern.
var ErrPattern = event.ErrPattern

// ParsePattern reads a pattern.
func ParsePattern(text string) (Pattern, error) { return event.ParsePattern(text) }
