//! Which broadcasts of each author were had before.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use airway_protocols::{
    agent::AgentId,
    events::{Position, broadcast::Window},
};

/// Authors that are remembered, of 200 bytes each; whoever was silent longest makes room. To have one forgotten before its
/// broadcasts are too old takes as many memberships.
const AUTHORS: usize = 4096;

/// An author that has said nothing new for so long is forgotten: all that was had of it is [too old](super::finding::MAX_AGE)
/// by then, also what was [ahead](super::finding::MAX_AHEAD). Its numbers may begin anew, after a restore from a former copy.
const QUIET: Duration = Duration::from_secs(3 * 60);

/// A window for each author, and since when nothing new was taken.
#[derive(Debug, Default)]
pub(super) struct Windows(HashMap<AgentId, (Window, Instant)>);

impl Windows {
    /// Takes a position of an author, and returns whether it was not had before.
    pub(super) fn take(&mut self, author: AgentId, position: Position, now: Instant) -> bool {
        if self.0.len() >= AUTHORS && !self.0.contains_key(&author) {
            let silent = self.0.iter().min_by_key(|(_, (_, heard))| *heard).map(|(author, _)| *author);
            silent.map(|author| self.0.remove(&author));
        }
        let known = self.0.entry(author).or_insert_with(|| (Window::default(), now));
        if now.saturating_duration_since(known.1) >= QUIET {
            *known = (Window::default(), now);
        }
        let is_new = known.0.take(position);
        if is_new {
            known.1 = now;
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_silent_longest_makes_room() {
        let (mut windows, start) = (Windows::default(), Instant::now());
        let author = |n: usize| {
            AgentId::from_bytes(std::array::from_fn(|i| n.to_le_bytes().get(i).copied().unwrap_or(0)))
        };
        let position = Position { epoch: 1, seq: 1 };
        for n in 0..AUTHORS {
            assert!(windows.take(author(n), position, start + Duration::from_millis(n as u64)));
        }
        let (later, next) = (start + Duration::from_secs(60), Position { seq: 2, ..position });
        assert!(windows.take(author(0), next, later));
        assert!(windows.take(author(AUTHORS), position, later));
        assert_eq!(windows.0.len(), AUTHORS);
        assert!(!windows.take(author(0), position, later));
        assert!(windows.take(author(1), position, later));
    }
}
