package polo

// Code is what kind of finding one is, for programs: the same in every implementation.
type Code string

// The kinds of findings.
const (
	// CodeMalformed: a line is no part of an export, or what is in it breaks a rule that has no finding of its own.
	CodeMalformed Code = "malformed"
	// CodeSignature: a signature is missing or does not fit.
	CodeSignature Code = "signature"
	// CodeReward: a reward does not follow from its times.
	CodeReward Code = "reward"
	// CodeClamp: times were corrected to the advantage of the worker.
	CodeClamp Code = "clamp"
	// CodeGap: receipts are missing inside of a chain, or at its beginning.
	CodeGap Code = "gap"
	// CodeLink: a receipt names another as the one before it.
	CodeLink Code = "link"
	// CodeDuplicate: one task has several receipts, or one receipt is there several times.
	CodeDuplicate Code = "duplicate"
	// CodeFork: two different receipts have one place in a chain.
	CodeFork Code = "fork"
	// CodeTail: a chain goes on behind what is shown.
	CodeTail Code = "tail"
)

// Finding is something that receipts which are in order do not have.
type Finding struct {
	Code Code
	// Text says what it is, and where.
	Text string
}

// String is the text.
func (f Finding) String() string { return f.Text }
