package mesh

import (
	"bytes"
	"encoding/binary"
	"slices"
)

const (
	// MaxValue caps the value of a record, in bytes: with its key it fits into one packet of the DHT.
	MaxValue = 12 * 1024
	// MaxClaims is how many claims a set may have.
	MaxClaims = 16
	// MaxRivals is how many agents may claim one address or one name: enough for a reader to see that it is contested.
	MaxRivals = 4

	// claimPrefix is how long the length in front of a claim is, at most.
	claimPrefix = 2
)

// JoinSet writes the value of a record: each claim behind its length as a varint. What does not fit into a value is left
// out: Merge lets nothing in that would not.
func JoinSet(claims []*Claim) []byte {
	value := []byte{}
	for _, claim := range claims[:min(len(claims), MaxClaims)] {
		if len(value)+sizeInSet(claim) > MaxValue {
			break
		}
		value = append(binary.AppendUvarint(value, uint64(len(claim.envelope))), claim.envelope...)
	}
	return value
}

// SplitSet returns the envelopes in a value, for ParseClaim.
func SplitSet(value []byte) ([][]byte, error) {
	if len(value) > MaxValue {
		return nil, refuse(ErrSet, "a set of %d bytes is over the limit of %d", len(value), MaxValue)
	}
	envelopes := [][]byte{}
	for rest := value; len(rest) > 0; {
		if len(envelopes) == MaxClaims {
			return nil, refuse(ErrSet, "a set has more than %d claims", MaxClaims)
		}
		length, width := binary.Uvarint(rest)
		isMinimal := width == 1 || width > 1 && rest[width-1] != 0
		switch {
		case width == 0:
			return nil, refuse(ErrSet, "the set ends inside a claim")
		case !isMinimal, length > MaxClaim:
			return nil, refuse(ErrSet, "a length in the set is not one that a claim has")
		case uint64(len(rest)-width) < length:
			return nil, refuse(ErrSet, "the set ends inside a claim")
		}
		end := width + int(length)
		envelopes = append(envelopes, bytes.Clone(rest[width:end]))
		rest = rest[end:]
	}
	return envelopes, nil
}

// Merge takes a claim into the set at a key of this kind, and returns the set and whether that has changed it. The caller
// has checked that the claim stands and belongs there, and has dropped those that do not any more.
//
// Of one agent the newest claim counts. Beyond MaxRivals agents an address or a name takes nobody in: those who were there
// stay. A tag drops the oldest claims in favour of newer ones. A withdrawn claim only replaces.
func Merge(known []*Claim, claim *Claim, kind KeyKind) ([]*Claim, bool) {
	own := slices.IndexFunc(known, func(other *Claim) bool { return other.Agent() == claim.Agent() })
	switch {
	case own >= 0 && known[own].issued >= claim.issued:
		return known, false
	case own >= 0:
		with := slices.Clone(known)
		with[own] = claim
		return shrink(with), true
	case claim.Withdrawn():
		return known, false
	case kind != KeyTag && len(known) >= MaxRivals:
		return known, false
	case kind != KeyTag:
		return append(slices.Clone(known), claim), true
	}
	with := shrink(append(slices.Clone(known), claim))
	// One that is too old to stay drives nobody else out.
	if len(with) == 0 || with[len(with)-1] != claim {
		return known, false
	}
	return with, true
}

// shrink drops the oldest claims until the set is within its limits. Four claims always are.
func shrink(known []*Claim) []*Claim {
	size := 0
	for _, claim := range known {
		size += sizeInSet(claim)
	}
	for len(known) > MaxClaims || size > MaxValue {
		oldest := 0
		for at, claim := range known {
			if claim.issued < known[oldest].issued {
				oldest = at
			}
		}
		size -= sizeInSet(known[oldest])
		known = slices.Delete(known, oldest, oldest+1)
	}
	return known
}

// sizeInSet is how many bytes a claim takes in a value, at most.
func sizeInSet(claim *Claim) int { return claimPrefix + len(claim.envelope) }
