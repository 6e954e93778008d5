package event

import "strings"

// Patterns are many patterns at once: what one of them matches. A nil one matches nothing.
type Patterns struct {
	every bool
	root  *branch
	count int
}

// branch is what may follow the segments that lead to it.
type branch struct {
	// next are the branches behind each segment; * is any.
	next map[string]*branch
	// ends says that a topic may end here, rest that any segments may follow.
	ends, rest bool
}

// NewPatterns joins patterns.
func NewPatterns(patterns ...Pattern) *Patterns {
	all := &Patterns{root: new(branch), count: len(patterns)}
	for _, pattern := range patterns {
		all.add(pattern)
	}
	return all
}

func (p *Patterns) add(pattern Pattern) {
	if pattern == AnyTopic || pattern == theRest {
		p.every = true
		return
	}
	at := p.root
	for segment := range strings.SplitSeq(string(pattern), "/") {
		if segment == theRest {
			at.rest = true
			return
		}
		if at.next == nil {
			at.next = make(map[string]*branch)
		}
		following := at.next[segment]
		if following == nil {
			following = new(branch)
			at.next[segment] = following
		}
		at = following
	}
	at.ends = true
}

// IsEmpty says whether there is none, so that nothing matches.
func (p *Patterns) IsEmpty() bool { return p == nil || p.count == 0 }

// Match says whether one of them matches a topic. The work is bounded by how many patterns there are, and not by what the
// topic is: each branch is entered once at most.
func (p *Patterns) Match(topic Topic) bool {
	if p.IsEmpty() {
		return false
	}
	if p.every {
		return true
	}
	level := []*branch{p.root}
	for segment := range strings.SplitSeq(string(topic), "/") {
		var next []*branch
		for _, at := range level {
			if at.rest {
				return true
			}
			for _, key := range [...]string{segment, oneSegment} {
				if following := at.next[key]; following != nil {
					next = append(next, following)
				}
			}
		}
		if level = next; len(level) == 0 {
			return false
		}
	}
	for _, at := range level {
		if at.ends {
			return true
		}
	}
	return false
}
