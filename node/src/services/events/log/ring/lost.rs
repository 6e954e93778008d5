//! What is remembered of events that were given up.

/// The newest event of some that were given up; all numbers are 0 if there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in super::super) struct Lost {
    pub(in super::super) seq: u64,
    /// When it was taken in.
    pub(in super::super) kept_at: u64,
    /// Events that had been given up when the last of them was, that one included: by it readers know what they know already.
    pub(in super::super) count: u64,
}

impl Lost {
    /// What is known of the events of both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            seq: self.seq.max(other.seq),
            kept_at: self.kept_at.max(other.kept_at),
            count: self.count.max(other.count),
        }
    }

    /// Whether one of them was given up that a reader has not come to, since so many had been given up. Of one topic it is so
    /// exactly: it gives up its events in their order.
    pub(super) const fn is_beyond(&self, seq: u64, count: u64) -> bool {
        self.seq > seq && self.count > count
    }

    /// Whether there is one of this time or later.
    pub(in super::super) const fn is_since(&self, time: u64) -> bool {
        self.seq > 0 && self.kept_at >= time
    }
}
