//! Whether what comes is accepted by itself.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Whether tasks of others are accepted as they come: always, or while somebody is there to execute them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accepts {
    always: bool,
    guards: Arc<AtomicUsize>,
}

/// While one lives, what others submit is accepted by itself. See [`Node::accept_tasks`](crate::Node::accept_tasks).
#[derive(Debug)]
#[must_use = "tasks are accepted for as long as this is kept"]
pub struct Accepting(Arc<AtomicUsize>);

impl Accepts {
    pub(crate) fn new(always: bool) -> Self {
        Self { always, guards: Arc::default() }
    }

    /// Whether it is so at this moment.
    pub(super) fn now(&self) -> bool {
        self.always || self.guards.load(Ordering::Acquire) > 0
    }

    pub(super) fn guard(&self) -> Accepting {
        self.guards.fetch_add(1, Ordering::AcqRel);
        Accepting(self.guards.clone())
    }
}

impl Drop for Accepting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_accepted_while_there_is_a_guard() {
        let accepts = Accepts::default();
        assert!(!accepts.now());
        let (one, other) = (accepts.guard(), accepts.guard());
        drop(one);
        assert!(accepts.now());
        drop(other);
        assert!(!accepts.now());
        assert!(Accepts::new(true).now());
    }
}
