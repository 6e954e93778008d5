//! The thread that writes a file while it comes in, and its end of the channels.

use std::io;

use airway_protocols::files::{Digest, Have};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::{
    Files,
    buffers::{self, BUFFERS},
    ledger::Slot,
    partial::{Partial, Place},
};

/// What the thread is told.
#[derive(Debug)]
enum Step {
    StartOver,
    Bytes(Vec<u8>),
    End(Digest),
}

/// What became of a file.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is on the disk, under its own name, and has this digest.
    Complete(Slot, Digest),
    /// It is not the file that was offered, and gone.
    Mismatch,
    /// It is kept as far as it came.
    Left,
}

/// The thread of one attempt. Dropping this ends it, once it has written what it was given.
#[derive(Debug)]
pub(super) struct Writer {
    steps: mpsc::Sender<Step>,
    empty: mpsc::Receiver<Vec<u8>>,
    have: oneshot::Receiver<Have>,
    thread: JoinHandle<io::Result<Outcome>>,
}

/// The thread has ended: [`Writer::end`] says why.
#[derive(Debug)]
pub(super) struct Ended;

impl Writer {
    pub(super) fn start(files: &Files, place: Place, slot: Slot) -> Self {
        let (steps, orders) = mpsc::channel(BUFFERS);
        let (give, empty) = buffers::pool();
        let (tell, have) = oneshot::channel();
        let thread = files.0.threads.spawn_blocking(move || run(place, slot, tell, orders, &give));
        Self { steps, empty, have, thread }
    }

    /// What there is of the file.
    pub(super) async fn have(&mut self) -> Result<Have, Ended> {
        (&mut self.have).await.map_err(|_| Ended)
    }

    /// Gives up what there is.
    pub(super) async fn start_over(&self) -> Result<(), Ended> {
        self.steps.send(Step::StartOver).await.map_err(|_| Ended)
    }

    /// An empty buffer.
    pub(super) async fn buffer(&mut self) -> Result<Vec<u8>, Ended> {
        self.empty.recv().await.ok_or(Ended)
    }

    /// Adds the bytes in a buffer.
    pub(super) async fn append(&self, bytes: Vec<u8>) -> Result<(), Ended> {
        self.steps.send(Step::Bytes(bytes)).await.map_err(|_| Ended)
    }

    /// Ends the file with the digest that it should have, or keeps what there is of it.
    pub(super) async fn end(self, digest: Option<Digest>) -> io::Result<Outcome> {
        if let Some(digest) = digest {
            // If the thread has ended, it says why.
            self.steps.send(Step::End(digest)).await.ok();
        }
        drop(self.steps);
        self.thread.await.map_err(io::Error::other)?
    }
}

fn run(
    place: Place,
    slot: Slot,
    have: oneshot::Sender<Have>,
    mut steps: mpsc::Receiver<Step>,
    empty: &mpsc::Sender<Vec<u8>>,
) -> io::Result<Outcome> {
    let mut partial = Partial::open(place, slot, || have.is_closed())?;
    have.send(partial.have()).ok();
    while let Some(step) = steps.blocking_recv() {
        let done = match step {
            Step::StartOver => partial.start_over(),
            Step::Bytes(bytes) => {
                let written = partial.append(&bytes);
                // Nobody is there to take it back once the attempt is over.
                empty.try_send(bytes).ok();
                written
            }
            Step::End(digest) => {
                let complete = partial.complete(digest)?;
                return Ok(complete.map_or(Outcome::Mismatch, |slot| Outcome::Complete(slot, digest)));
            }
        };
        if let Err(error) = done {
            match error.kind() {
                // What cannot be completed must not fill the disk.
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => partial.discard(),
                _ => partial.leave(),
            }
            return Err(error);
        }
    }
    partial.leave();
    Ok(Outcome::Left)
}
