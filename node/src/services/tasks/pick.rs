//! How a task is named, and which ones are meant.

use std::str::FromStr;

use airway_protocols::{
    agent::AgentId,
    tasks::{State, TaskId},
};

use super::Role;
use crate::store::{self, Prefix, PrefixError};

/// A task, by its id or the beginning of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRef {
    /// The beginning of its id.
    pub id: Prefix,
    /// Only one in which this is our part.
    pub role: Option<Role>,
}

/// Which tasks to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Only tasks behind the one with this [number](super::Task::number); 0 for all.
    pub after: u64,
    /// Only those in which this is our part.
    pub role: Option<Role>,
    /// Only those that stand here; empty for all.
    pub states: Vec<State>,
    /// Only those with this agent.
    pub agent: Option<AgentId>,
    /// Most tasks to list; never more than 1,000, which is also meant by `None`.
    pub limit: Option<u32>,
    /// The last ones in place of the first.
    pub tail: bool,
}

impl TaskRef {
    pub(super) fn pick(&self, role: Option<Role>) -> store::TaskPick {
        store::TaskPick { id: self.id.clone(), role: role.map(u8::from) }
    }
}

impl From<TaskId> for TaskRef {
    fn from(id: TaskId) -> Self {
        Self { id: Prefix::whole(id.as_bytes()), role: None }
    }
}

impl FromStr for TaskRef {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self { id: text.parse()?, role: None })
    }
}

impl From<TaskFilter> for store::TaskFilter {
    fn from(filter: TaskFilter) -> Self {
        Self {
            after: filter.after,
            limit: filter.limit,
            role: filter.role.map(u8::from),
            states: filter.states.into_iter().map(u8::from).collect(),
            agent: filter.agent.map(|agent| *agent.as_bytes()),
            tail: filter.tail,
        }
    }
}
