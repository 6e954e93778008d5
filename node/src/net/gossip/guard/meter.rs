//! How fast a peer is heard.
//!
//! Ten members who each say fifty things a second are 500 messages, which every neighbour passes on once: a quarter of what is
//! read. What gossipsub keeps of one peer is bounded by it: for five seconds 56 MiB of messages, for two minutes 244,000 ids.

use std::time::{Duration, Instant};

use crate::bucket::Rate;

/// Messages, and frames without any.
const MESSAGES: Rate = Rate::per_second(4000, 2000);

/// KiB of messages.
const VOLUME: Rate = Rate::per_second(16 * 1024, 8 * 1024);

/// Frames with control messages, of up to 8 KiB each: an honest peer sends a handful with each heartbeat. They cost us more
/// than their length, since each may name hundreds of messages.
const CONTROL: Rate = Rate::per_second(60, 20);

/// See the module.
#[derive(Debug)]
pub(super) struct Meter {
    messages: Bucket,
    volume: Bucket,
    control: Bucket,
}

/// One frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) messages: usize,
    pub(super) bytes: usize,
    pub(super) control: bool,
}

impl Meter {
    pub(super) fn new(now: Instant) -> Self {
        let bucket = |rate| Bucket { rate, full_at: now };
        Self { messages: bucket(MESSAGES), volume: bucket(VOLUME), control: bucket(CONTROL) }
    }

    /// Counts a frame that was read. How long to read no further, if at all.
    pub(super) fn take(&mut self, frame: Frame, now: Instant) -> Option<Duration> {
        self.messages.take(frame.messages.max(1), now);
        self.volume.take(frame.bytes.div_ceil(1024), now);
        self.control.take(usize::from(frame.control), now);
        let waits = [&self.messages, &self.volume, &self.control].map(|bucket| bucket.wait(now));
        waits.into_iter().max().filter(|wait| !wait.is_zero())
    }
}

#[derive(Debug)]
struct Bucket {
    rate: Rate,
    full_at: Instant,
}

impl Bucket {
    fn take(&mut self, count: usize, now: Instant) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.full_at = self.full_at.max(now) + self.rate.refill.saturating_mul(count);
    }

    /// Until it owes nothing.
    fn wait(&self, now: Instant) -> Duration {
        let missing = self.full_at.saturating_duration_since(now);
        missing.saturating_sub(self.rate.refill * self.rate.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: Frame = Frame { messages: 1, bytes: 1024, control: false };

    #[test]
    fn a_burst_is_read_at_once_and_then_no_faster_than_the_rate() {
        let now = Instant::now();
        let mut meter = Meter::new(now);
        assert!((0..4000).all(|_| meter.take(MESSAGE, now).is_none()));
        let wait = meter.take(MESSAGE, now).unwrap();
        assert!(wait <= Duration::from_millis(1), "{wait:?}");
        let later = now + Duration::from_secs(1);
        assert!((0..1999).all(|_| meter.take(MESSAGE, later).is_none()));
        assert!((0..2).any(|_| meter.take(MESSAGE, later).is_some()));
    }

    #[test]
    fn long_messages_and_control_messages_are_counted_besides() {
        let now = Instant::now();
        let mut meter = Meter::new(now);
        let long = Frame { messages: 1, bytes: 64 * 1024, control: false };
        assert!((0..256).all(|_| meter.take(long, now).is_none()));
        assert!(meter.take(long, now).is_some());

        let mut meter = Meter::new(now);
        let control = Frame { control: true, ..Frame::default() };
        assert!((0..60).all(|_| meter.take(control, now).is_none()));
        assert!(meter.take(control, now).is_some());
        assert!(meter.take(MESSAGE, now + Duration::from_secs(4)).is_none());
    }

    #[test]
    fn an_empty_frame_is_not_free() {
        let now = Instant::now();
        let mut meter = Meter::new(now);
        assert!((0..4000).all(|_| meter.take(Frame::default(), now).is_none()));
        assert!(meter.take(Frame::default(), now).is_some());
    }
}
