package event

import "slices"

// Patterns are many patterns at once: what one of them matches. A nil one matches nothing. They may come from a peer: they take
// what their texts take, and to compare a topic with them takes a step for each of their segments at most.
type Patterns struct{ all []Pattern }

// NewPatterns joins patterns.
func NewPatterns(patterns ...Pattern) *Patterns {
	return &Patterns{all: slices.Clone(patterns)}
}

// IsEmpty says whether there is none, so that nothing matches.
func (p *Patterns) IsEmpty() bool { return p == nil || len(p.all) == 0 }

// Match says whether one of them matches a topic.
func (p *Patterns) Match(topic Topic) bool {
	return p != nil && slices.ContainsFunc(p.all, func(one Pattern) bool { return one.Matches(topic) })
}
