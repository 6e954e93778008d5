package polo

import "math/bits"

const (
	// one is 1 in the fixed point numbers of the reward, which have 32 bits behind the point.
	one = 1 << 32
	// minute is what the time of execution is measured in, in milliseconds.
	minute = 60_000
	// idleCap and stagedCap are when waiting costs nothing more, in milliseconds.
	idleCap, stagedCap = 60_000, 600_000
	// digits is how many bits the logarithm has behind the point.
	digits = 32
)

// Reward is what a task is worth that lay around for idle, stood at the head of the queue for staged, and was worked on for
// cpu milliseconds: (1 + log2(1 + cpu in minutes)) · (1 − 0.3·idle − 0.3·staged), where waiting counts as a part of its cap,
// rounded, and 1 at least. Integers alone: every implementation gets the same.
func Reward(idle, staged, cpu uint64) uint64 {
	late := min(idle, idleCap)*3*one/(10*idleCap) + min(staged, stagedCap)*3*one/(10*stagedCap)
	base := one + log2(cpu)
	high, low := bits.Mul64(base, one-late)
	low, carry := bits.Add64(low>>32|high<<32, one/2, 0)
	if carry != 0 {
		return max(1, low>>32|one)
	}
	return max(1, low>>32)
}

// log2 is log2(1 + cpu in minutes), of which it emits one bit after the other.
func log2(cpu uint64) uint64 {
	numerator, carry := bits.Add64(minute, cpu, 0)
	if carry != 0 {
		numerator = ^uint64(0)
	}
	// How often the ratio can be halved before it is below 2.
	whole := uint64(0)
	for numerator>>(whole+1) >= minute {
		whole++
	}
	// The rest of it, from 1 to 2, with 62 bits behind the point.
	high, low := bits.Mul64(numerator, 1<<(62-whole))
	ratio, _ := bits.Div64(high, low, minute)
	result := whole << digits
	for digit := range digits {
		high, low := bits.Mul64(ratio, ratio)
		ratio = high<<2 | low>>62
		if ratio >= 1<<63 {
			ratio >>= 1
			result |= 1 << (digits - 1 - digit)
		}
	}
	return result
}
