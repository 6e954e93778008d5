//! Buffers that go round between a stream and a disk.

use tokio::sync::mpsc;

/// Bytes of a buffer: few system calls and few changes of threads for each MiB.
pub(super) const BUFFER: usize = 256 * 1024;

/// Buffers of one file: one on each side, and one that waits in each direction. 1 MiB in all.
pub(super) const BUFFERS: usize = 4;

/// The way back of empty buffers, all of which wait there at first. They are allocated when they are needed.
pub(super) fn pool() -> (mpsc::Sender<Vec<u8>>, mpsc::Receiver<Vec<u8>>) {
    let (give, take) = mpsc::channel(BUFFERS);
    for _ in 0..BUFFERS {
        // There is room for all.
        give.try_send(Vec::new()).ok();
    }
    (give, take)
}

/// Makes a buffer as long as what comes next of `left` bytes.
pub(super) fn size(buffer: &mut Vec<u8>, left: u64) {
    let next = usize::try_from(left).unwrap_or(BUFFER).min(BUFFER);
    buffer.resize(next, 0);
}
