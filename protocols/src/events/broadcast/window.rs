//! Which broadcasts of an author were had before.

use crate::events::Position;

/// How far a broadcast may come behind the newest of its author, in positions: what arrives later still counts as had.
pub const WINDOW: u64 = 1024;

/// Bits of a word of the map.
const WORD: u64 = u64::BITS as u64;

/// Words of the map.
const WORDS: usize = (WINDOW / WORD) as usize;

/// The positions of one author that were had: the newest epoch alone, and of it the last [`WINDOW`] numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    newest: Option<Position>,
    /// One bit for each number in `newest.seq - WINDOW + 1 ..= newest.seq`, at the number modulo [`WINDOW`].
    had: [u64; WORDS],
}

impl Window {
    /// Takes a position, and returns whether it was not had before. One of an older epoch, or [too old](WINDOW), counts as
    /// had.
    pub fn take(&mut self, position: Position) -> bool {
        match self.newest {
            Some(newest) if position.epoch < newest.epoch => return false,
            Some(newest) if position.epoch == newest.epoch => {
                if position.seq <= newest.seq {
                    return newest.seq - position.seq < WINDOW && self.set(position.seq);
                }
                self.clear(newest.seq, position.seq);
            }
            _ => self.had = [0; WORDS],
        }
        self.newest = Some(position);
        self.set(position.seq)
    }

    /// The newest position that was taken.
    #[must_use]
    pub const fn newest(&self) -> Option<Position> {
        self.newest
    }

    /// Forgets the numbers whose bits those after `newest`, up to `next`, are going to have.
    fn clear(&mut self, newest: u64, next: u64) {
        if next - newest >= WINDOW {
            self.had = [0; WORDS];
            return;
        }
        for seq in newest + 1..=next {
            let (word, bit) = place(seq);
            self.had[word] &= !bit;
        }
    }

    /// Sets the bit of a number, and returns whether it was not set.
    fn set(&mut self, seq: u64) -> bool {
        let (word, bit) = place(seq);
        let new = self.had[word] & bit == 0;
        self.had[word] |= bit;
        new
    }
}

/// The word and the bit of a number.
const fn place(seq: u64) -> (usize, u64) {
    let at = seq % WINDOW;
    ((at / WORD) as usize, 1 << (at % WORD))
}

#[cfg(test)]
mod tests;
