//! The leash: holds all streams of a peer, so that they can be cut at once.
//!
//! Every use of a stream happens under the lock of that stream, and a cut takes each of these locks once: what is under
//! way ends first, what comes later fails. There is no lock for all streams of a peer on their way: a stream has one
//! user at a time, so that nobody but a cut ever waits for its lock, and streams on several threads share nothing.

#[cfg(test)]
mod tests;

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// The stream was cut with [`super::Control::cut`]: its peer is no longer trusted.
///
/// Travels as the inner error of an [`io::Error`] of the kind [`io::ErrorKind::ConnectionReset`]; [`Cut::is`] finds it
/// there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the streams of this peer were cut")]
pub struct Cut;

impl Cut {
    /// Whether a read or write failed since the stream was cut.
    pub fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

impl From<Cut> for io::Error {
    fn from(cut: Cut) -> Self {
        Self::new(io::ErrorKind::ConnectionReset, cut)
    }
}

/// All streams of a peer, on the connections that it had before a cut or those that it made after one.
#[derive(Debug, Default)]
pub(super) struct Leash(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    cut: bool,
    /// One for each stream; as many as the limits allow, and those that connections left behind.
    streams: Vec<Arc<Mutex<State>>>,
}

/// What a stream shares with its leash.
#[derive(Debug, Default)]
struct State {
    cut: bool,
    /// Who waits for the stream, to be woken by a cut.
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Leash {
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ties a stream to the leash; to one that was cut, it is cut at once.
    pub(super) fn tie(self: &Arc<Self>) -> Tether {
        let mut held = self.lock();
        let state = Arc::new(Mutex::new(State { cut: held.cut, ..State::default() }));
        if !held.cut {
            held.streams.push(state.clone());
        }
        Tether { leash: self.clone(), state }
    }

    /// Cuts all streams, now and to come. When it returns, no use of one is under way; one that is cut by another call
    /// at the same time is waited for.
    pub(super) fn cut(&self) {
        let mut held = self.lock();
        held.cut = true;
        let streams = std::mem::take(&mut held.streams);
        let parked: Vec<Waker> = streams.iter().flat_map(|state| lock(state).cut()).flatten().collect();
        drop(held);
        parked.into_iter().for_each(Waker::wake);
    }

    pub(super) fn is_cut(&self) -> bool {
        self.lock().cut
    }

    /// Whether no stream is tied to it.
    pub(super) fn is_loose(&self) -> bool {
        self.lock().streams.is_empty()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The half of a stream that a task waits for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Half {
    Read,
    Write,
}

impl State {
    fn cut(&mut self) -> [Option<Waker>; 2] {
        self.cut = true;
        [self.reader.take(), self.writer.take()]
    }

    fn park(&mut self, half: Half, waker: &Waker) {
        let parked = match half {
            Half::Read => &mut self.reader,
            Half::Write => &mut self.writer,
        };
        match parked {
            Some(parked) => parked.clone_from(waker),
            None => *parked = Some(waker.clone()),
        }
    }
}

/// Whether the streams of a peer were cut, for whoever still works on what came over one of them. Outlives the stream.
#[derive(Debug, Clone)]
pub struct CutWatch(Arc<Leash>);

impl CutWatch {
    /// Whether they were cut since the stream was opened. Waits for a cut that is under way.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.0.is_cut()
    }

    /// Does something, unless they were cut, which it must not take long for: a cut waits until it is done. `None` if they
    /// were.
    pub fn unless_cut<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let held = self.0.lock();
        (!held.cut).then(act)
    }
}

/// A stream's end of the leash; let go on drop.
#[derive(Debug)]
pub(super) struct Tether {
    leash: Arc<Leash>,
    state: Arc<Mutex<State>>,
}

impl Tether {
    /// Uses the stream, unless it was cut. Who is told to wait is woken by a cut.
    pub(super) fn poll<T>(
        &self,
        half: Half,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let mut state = lock(&self.state);
        if state.cut {
            return Poll::Ready(Err(Cut.into()));
        }
        let outcome = poll(cx);
        if outcome.is_pending() {
            state.park(half, cx.waker());
        }
        outcome
    }

    pub(super) fn is_cut(&self) -> bool {
        lock(&self.state).cut
    }

    pub(super) fn watch(&self) -> CutWatch {
        CutWatch(self.leash.clone())
    }
}

impl Drop for Tether {
    fn drop(&mut self) {
        let mut held = self.leash.lock();
        // The newest streams are the shortest ones, more often than not.
        if let Some(place) = held.streams.iter().rposition(|state| Arc::ptr_eq(state, &self.state)) {
            held.streams.swap_remove(place);
        }
        if held.streams.is_empty() {
            held.streams = Vec::new();
        }
    }
}
