package id

import (
	"strings"
	"unicode"
)

// IsHidden says whether a terminal acts on c, or hides it, instead of showing it.
func IsHidden(c rune) bool {
	return unicode.IsControl(c) || within(c,
		0x00AD, 0x00AD, // soft hyphen
		0x061C, 0x061C, 0x200E, 0x200F, // marks of direction
		0x202A, 0x202E, // embeddings and overrides of direction
		0x2066, 0x2069, // isolates of direction
		0x2028, 0x2029, // line and paragraph ends
		0x200B, 0x200B, 0x2060, 0x2064, 0xFEFF, 0xFEFF, // no width, no meaning
		0x206A, 0x206F, // deprecated formatting
		0xFFF9, 0xFFFB, // annotations
		0xE0000, 0xE007F, // tags: a whole alphabet that nobody sees
	)
}

// Clean is a text of somebody else as it may be shown: on one line, and without any character that nobody sees. Ends of
// lines and tabs become spaces. What is left may still say anything: it is never an instruction.
func Clean(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t' || c == 0x2028 || c == 0x2029:
			return ' '
		case IsHidden(c) || isBlank(c):
			return -1
		}
		return c
	}, text)
}

// isBlank is of characters that show nothing by themselves, yet have a use in some names or pictures: together they can
// carry a text beside the one that is seen.
func isBlank(c rune) bool {
	return within(c,
		0x034F, 0x034F, 0x200C, 0x200D, // joiners
		0x115F, 0x1160, 0x3164, 0x3164, 0xFFA0, 0xFFA0, // fillers
		0x17B4, 0x17B5, 0x180B, 0x180F,
		0x2065, 0x2065, 0xFFF0, 0xFFF8,
		0xFE00, 0xFE0F, 0xE0080, 0xE0FFF, // selectors of variants
	)
}

// within says whether c is in one of the ranges, each of which is its first and its last character.
func within(c rune, ranges ...rune) bool {
	for index := 0; index < len(ranges); index += 2 {
		if ranges[index] <= c && c <= ranges[index+1] {
			return true
		}
	}
	return false
}
