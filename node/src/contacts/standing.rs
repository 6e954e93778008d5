//! How we stand with an agent, contact or not.

use crate::store::RelationState;

/// How we stand with an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is under way.
    Stranger,
    /// We have asked it.
    Requested,
    /// It has asked us.
    Pending,
    /// It is a contact.
    Trusted,
    /// We want to hear nothing of it.
    Blocked,
}

impl Standing {
    /// What it is, after the name of the agent.
    pub(crate) fn phrase(self) -> &'static str {
        match self {
            Self::Stranger => "has not asked, and is not trusted",
            Self::Requested => "has not answered our request yet",
            Self::Pending => "has asked to be trusted, and waits for an answer",
            Self::Trusted => "is trusted",
            Self::Blocked => "is blocked",
        }
    }
}

impl From<RelationState> for Standing {
    fn from(state: RelationState) -> Self {
        match state {
            RelationState::Stranger => Self::Stranger,
            RelationState::Requested => Self::Requested,
            RelationState::Pending => Self::Pending,
            RelationState::Trusted => Self::Trusted,
            RelationState::Blocked => Self::Blocked,
        }
    }
}

impl From<Standing> for RelationState {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Stranger => Self::Stranger,
            Standing::Requested => Self::Requested,
            Standing::Pending => Self::Pending,
            Standing::Trusted => Self::Trusted,
            Standing::Blocked => Self::Blocked,
        }
    }
}
