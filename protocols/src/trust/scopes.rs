//! What a trusted agent may do.

use std::{collections::BTreeSet, fmt};

use libp2p::StreamProtocol;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, SeqAccess, Visitor},
};

use super::MAX_TIME;
pub use crate::events::{MAX_PATTERN, ParsePatternError, Pattern};
use crate::{files, perf, port::Port};

/// Ports in one set of scopes: what a statement carries, and what is looked through at each stream.
pub const MAX_PORTS: usize = 64;

/// Patterns in each list of scopes: every topic is compared with all of them.
pub const MAX_PATTERNS: usize = 16;

/// The word in place of a set that stands for all ports.
const ALL: &str = "all";

/// What the author of a statement lets the other agent do with it. Reading does not [`validate`](Self::validate).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scopes {
    /// The ports that the other may open. [`Port::EVENTS`] does not go by it, and neither do those that every trusted agent
    /// may open: [`Port::ECHO`], [`Port::TRUST`] and [`Port::TASKS`].
    pub ports: Ports,
    /// The topics that the other may publish.
    pub publish: Vec<Pattern>,
    /// The topics that the other may subscribe to.
    pub subscribe: Vec<Pattern>,
    /// Whether the other may submit tasks. Every trusted agent may speak of those that there are.
    pub submit: bool,
    /// When all this ends, in milliseconds since the Unix epoch by the author's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

/// Which ports. Serialised as the word `all`, or as a list of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ports {
    /// Every port, and the protocols without one that trusted agents speak.
    All,
    /// These alone, at most [`MAX_PORTS`]. None is a set as well.
    Only(BTreeSet<Port>),
}

/// Which rule for scopes is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidScopes {
    /// There are more ports than [`MAX_PORTS`].
    #[error("{found} ports are over the limit of {max}", max = MAX_PORTS)]
    Ports {
        /// Ports that were given.
        found: usize,
    },
    /// There are more patterns in one list than [`MAX_PATTERNS`].
    #[error("{found} patterns are over the limit of {max}", max = MAX_PATTERNS)]
    Patterns {
        /// Patterns that were given.
        found: usize,
    },
    /// The end is over [`MAX_TIME`].
    #[error("{0} is no time")]
    Until(u64),
}

impl Scopes {
    /// Everything, for ever.
    #[must_use]
    pub fn everything() -> Self {
        let any = vec![Pattern::any()];
        Self { ports: Ports::All, publish: any.clone(), subscribe: any, submit: true, until: None }
    }

    /// Nothing but what every trusted agent may: echo, and to speak about trust and about tasks that there are.
    #[must_use]
    pub const fn nothing() -> Self {
        let ports = Ports::Only(BTreeSet::new());
        Self { ports, publish: Vec::new(), subscribe: Vec::new(), submit: false, until: None }
    }

    /// Checks the limits.
    ///
    /// # Errors
    ///
    /// [`InvalidScopes`] for the first that is broken.
    pub fn validate(&self) -> Result<(), InvalidScopes> {
        if let Ports::Only(ports) = &self.ports
            && ports.len() > MAX_PORTS
        {
            return Err(InvalidScopes::Ports { found: ports.len() });
        }
        let found = self.publish.len().max(self.subscribe.len());
        if found > MAX_PATTERNS {
            return Err(InvalidScopes::Patterns { found });
        }
        match self.until {
            Some(until) if until > MAX_TIME => Err(InvalidScopes::Until(until)),
            _ => Ok(()),
        }
    }

    /// Whether the other may open a stream of this protocol. Does not look at [`until`](Self::until): see
    /// [`have_ended`](Self::have_ended).
    #[must_use]
    pub fn admits(&self, protocol: &StreamProtocol) -> bool {
        if *protocol == perf::PROTOCOL {
            return self.ports == Ports::All;
        }
        // Files go to the port of messages by a protocol of their own.
        let port = if *protocol == files::PROTOCOL { Some(Port::DATA) } else { Port::of_protocol(protocol) };
        match port {
            None => false,
            // Whom we had do something has to be able to tell what became of it: `submit` is looked at where a task comes.
            Some(Port::ECHO | Port::TRUST | Port::TASKS) => true,
            Some(Port::EVENTS) => !self.publish.is_empty() || !self.subscribe.is_empty(),
            Some(port) => self.ports.contains(port),
        }
    }

    /// Whether all this is over at `now`, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn have_ended(&self, now: u64) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

impl Default for Scopes {
    fn default() -> Self {
        Self::everything()
    }
}

impl Ports {
    /// Whether `port` is among them.
    #[must_use]
    pub fn contains(&self, port: Port) -> bool {
        match self {
            Self::All => true,
            Self::Only(ports) => ports.contains(&port),
        }
    }
}

impl Serialize for Ports {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str(ALL),
            Self::Only(ports) => ports.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Ports {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PortsVisitor)
    }
}

struct PortsVisitor;

impl<'de> Visitor<'de> for PortsVisitor {
    type Value = Ports;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the word all, or a list of ports")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Ports, E> {
        if word == ALL {
            Ok(Ports::All)
        } else {
            Err(E::invalid_value(serde::de::Unexpected::Str(word), &self))
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Ports, A::Error> {
        let mut ports = BTreeSet::new();
        while let Some(port) = sequence.next_element()? {
            if !ports.insert(port) {
                return Err(A::Error::custom(format_args!("port {port} stands twice")));
            }
        }
        Ok(Ports::Only(ports))
    }
}

#[cfg(test)]
mod tests;
