package event

const (
	// WindowSize is how far a broadcast may come behind the newest of its author: what arrives later counts as had.
	WindowSize = 1024
	wordBits   = 64
)

// Window says which broadcasts of an author were had before: of the newest epoch alone, and of it the last [WindowSize]
// numbers. The zero value has had none.
type Window struct {
	isBegun bool
	newest  Position
	// had has a bit for each of those numbers, at the number modulo WindowSize.
	had [WindowSize / wordBits]uint64
}

// Take takes a position, and says whether it was not had before.
func (w *Window) Take(p Position) bool {
	switch {
	case !w.isBegun || p.Epoch > w.newest.Epoch:
		*w = Window{isBegun: true, newest: p}
	case p.Epoch < w.newest.Epoch:
		return false
	case p.Seq > w.newest.Seq:
		w.advance(p.Seq)
	case w.newest.Seq-p.Seq >= WindowSize:
		return false
	}
	word, bit := place(p.Seq)
	isNew := w.had[word]&bit == 0
	w.had[word] |= bit
	return isNew
}

// advance forgets the numbers whose bits others are going to have.
func (w *Window) advance(seq uint64) {
	if seq-w.newest.Seq >= WindowSize {
		clear(w.had[:])
	} else {
		for next := w.newest.Seq + 1; next <= seq && next != 0; next++ {
			word, bit := place(next)
			w.had[word] &^= bit
		}
	}
	w.newest.Seq = seq
}

func place(seq uint64) (word int, bit uint64) {
	at := seq % WindowSize
	return int(at / wordBits), 1 << (at % wordBits)
}
