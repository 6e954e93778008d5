//! Why something about networks was not done.

use airway_protocols::{
    address::Endpoint, card, certificate, claim, invite, join::Refusal, network, revocations,
};

use crate::{
    authority,
    contacts::{ChangeError, WhoError},
    store,
};

/// Why a change of the network, or of what it knows about us, came to nothing; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MeshError {
    /// The agent is on the backbone.
    #[error("this agent is in no network")]
    NotInNetwork,
    /// It is in one already.
    #[error("this agent is in the network {name} already")]
    AlreadyInNetwork {
        /// The network's name.
        name: String,
    },
    /// The settings have put it into the network of a swarm key, which knows no members.
    #[error("the settings name a swarm key: whoever has it is in that network")]
    SwarmKey,
    /// Our certificate does not allow it.
    #[error("this agent may not invite others")]
    NotInviter,
    /// An inviter hands on what it may do itself, and cannot make others inviters.
    #[error("this agent may invite, but not with these roles")]
    Roles,
    /// The key of the authority is not in this home.
    #[error("the key of the network's authority is not in this home")]
    NotAuthority,
    /// It is the key of another network's authority.
    #[error("that is the key of the authority of {name}, not of this agent's network")]
    OtherAuthority {
        /// The other network's name.
        name: String,
    },
    /// The key of the authority is in this home, and would be of no use to anybody.
    #[error("this home holds the key of the authority of {name}")]
    HoldsAuthority {
        /// The network's name.
        name: String,
    },
    /// Our own membership is over.
    #[error("this agent is a member no more: {0}")]
    Over(certificate::Invalid),
    /// The member that may invite refuses.
    #[error("{who} refuses: {refusal}")]
    Refused {
        /// Its endpoint.
        who: String,
        /// Its reason.
        refusal: Refusal,
    },
    /// The invite has expired; seen here already.
    #[error("the invite has expired")]
    Expired,
    /// No answer.
    #[error("{who} has not answered: {reason}")]
    Unreachable {
        /// Its endpoint.
        who: String,
        /// The last thing that failed.
        reason: String,
    },
    /// What the member answered is not what it should be.
    #[error("{who} has answered with something else than a membership: {reason}")]
    Answer {
        /// Its endpoint.
        who: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It is no name.
    #[error("{name:?} cannot be a name: {reason}")]
    Name {
        /// As given.
        name: String,
        /// Which rule it breaks.
        reason: String,
    },
    /// The number stands for the backbone, or for something that is to come.
    #[error("{0} cannot be the number of a network")]
    Number(u16),
    /// The time is too short or too long.
    #[error("{what} of {given} is out of range: {range}")]
    Time {
        /// What it is the time of.
        what: &'static str,
        /// As given.
        given: String,
        /// What is possible.
        range: String,
    },
    /// More tags than an agent may have.
    #[error("{0} tags are more than an agent may have")]
    Tags(usize),
    /// Nobody of the network is meant.
    #[error("{who:?} is no member that is known here")]
    NoSuchMember {
        /// As given.
        who: String,
    },
    /// Several are meant.
    #[error("{who:?} may be {}", candidates.join(" and "))]
    Ambiguous {
        /// As given.
        who: String,
        /// The endpoints of all of them.
        candidates: Vec<String>,
    },
    /// It is ourselves.
    #[error("that is this agent")]
    Own,
    /// As many were expelled as fit into a list.
    #[error("no more agents can be expelled from this network")]
    Full,
    /// There are as many invites as may be.
    #[error(transparent)]
    Invites(#[from] store::InviteStoreError),
    /// The file of the authority's key.
    #[error(transparent)]
    Authority(#[from] authority::Error),
    /// Our card cannot be made.
    #[error(transparent)]
    Card(#[from] card::Error),
    /// A certificate, ours or one that we make.
    #[error(transparent)]
    Certificate(#[from] certificate::Error),
    /// An invite.
    #[error(transparent)]
    Invite(#[from] invite::Error),
    /// A genesis.
    #[error(transparent)]
    Genesis(#[from] network::InvalidGenesis),
    /// A list of those who were expelled.
    #[error(transparent)]
    Revocations(#[from] revocations::Error),
    /// Our claim.
    #[error(transparent)]
    Claim(#[from] claim::Error),
    /// The disk failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Why an agent was not found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// What was given names nobody.
    #[error(transparent)]
    Who(#[from] WhoError),
    /// Nobody here and nobody in the network is called so.
    #[error("nobody is called {who:?}, here or in {network}")]
    NotFound {
        /// As given.
        who: String,
        /// What the network is called.
        network: String,
    },
    /// The address belongs to another network.
    #[error("{who} is in network {theirs}, and this agent in {ours}")]
    Elsewhere {
        /// As given.
        who: String,
        /// The number in it.
        theirs: u16,
        /// Our own.
        ours: u16,
    },
    /// Several claim the name or the address, and nothing says which is meant.
    #[error("{who:?} may be {}", candidates.join(" and "))]
    Ambiguous {
        /// As given.
        who: String,
        /// Their endpoints.
        candidates: Vec<String>,
    },
    /// Somebody else is meant than a contact.
    #[error("{who} is {endpoint} in this network, and not trusted")]
    Stranger {
        /// As given.
        who: String,
        /// Address and fingerprint.
        endpoint: Endpoint,
    },
    /// We take part in no DHT.
    #[error("nobody here is called {who:?}, and this agent asks nobody else")]
    NoDht {
        /// As given.
        who: String,
    },
    /// No server of the DHT could be asked.
    #[error("no server of the network answers")]
    NoServer,
    /// Trust with a member of a network that trusts its members was not made.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The disk failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}
