//! How many connections to the API there may be. One that is idle makes room for a new one.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio_util::sync::CancellationToken;

/// Connections at once, those that have become raw streams among them. Each takes a file descriptor, of which
/// systems commonly give 1,024 to a process; the network takes up to 256 more.
const CONNECTIONS: usize = 512;

/// All connections, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    connections: BTreeMap<u64, Weak<Inner>>,
    /// The number of the newest.
    last: u64,
}

/// The place of one connection, given back when the last clone is dropped.
#[derive(Debug, Clone)]
pub(super) struct Slot(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    number: u64,
    slots: Slots,
    /// Requests, answers and raw streams under way.
    active: AtomicUsize,
    close: CancellationToken,
}

/// Keeps a connection from being closed as idle.
#[derive(Debug)]
pub(super) struct Active(Slot);

impl Slots {
    /// A place for a new connection, if need be that of the connection that has been idle longest; `None` if all
    /// are in use.
    pub(super) fn take(&self) -> Option<Slot> {
        // Declared first, and so dropped after the lock, which the last clone of a connection takes when it goes.
        let mut seen = Vec::new();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.connections.len() >= CONNECTIONS {
            let idle = open.connections.iter().find_map(|(number, connection)| {
                let connection = connection.upgrade()?;
                let idle = connection.active.load(Ordering::Acquire) == 0;
                seen.push(connection);
                idle.then_some(*number)
            });
            open.connections.remove(&idle?);
            if let Some(connection) = seen.last() {
                connection.close.cancel();
            }
        }
        open.last += 1;
        let number = open.last;
        let inner = Arc::new(Inner {
            number,
            slots: self.clone(),
            active: AtomicUsize::new(0),
            close: CancellationToken::new(),
        });
        open.connections.insert(number, Arc::downgrade(&inner));
        Some(Slot(inner))
    }
}

impl Slot {
    /// Marks the connection as in use for as long as the result lives.
    pub(super) fn activate(&self) -> Active {
        self.0.active.fetch_add(1, Ordering::AcqRel);
        Active(self.clone())
    }

    /// Returns when the connection shall make room.
    pub(super) async fn closed(&self) {
        self.0.close.cancelled().await;
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.0.0.active.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.slots.0.lock().unwrap_or_else(PoisonError::into_inner).connections.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_oldest_idle_connection_makes_room() {
        let slots = Slots::default();
        let mut held: Vec<_> = (0..CONNECTIONS).map(|_| slots.take().unwrap()).collect();
        let _busy = held[0].activate();
        held.push(slots.take().unwrap());
        assert!(!held[0].0.close.is_cancelled(), "in use");
        held[1].closed().await;
        assert!(!held[2].0.close.is_cancelled());
    }

    #[test]
    fn nobody_who_is_busy_makes_room_until_it_is_done() {
        let slots = Slots::default();
        let held: Vec<_> = (0..CONNECTIONS).map(|_| slots.take().unwrap()).collect();
        let mut busy: Vec<_> = held.iter().map(Slot::activate).collect();
        assert!(slots.take().is_none());
        drop(busy.pop());
        assert!(slots.take().is_some());
        drop((busy, held));
        assert!(slots.0.lock().unwrap().connections.is_empty());
    }
}
