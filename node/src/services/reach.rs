//! Opens streams to contacts, and says plainly why one could not be opened.

use std::{io, sync::Arc, time::Duration};

use airway_protocols::{
    port::Port,
    streams::{Cut, OpenError, Refusal, Stream},
};
use libp2p::StreamProtocol;
use tokio::time::timeout;

use crate::{
    clock,
    contacts::{Contact, Contacts},
    mesh::Mesh,
    net::Net,
};

/// How long to wait for the word of port 7: not everybody who asks has a deadline of its own.
const ECHO_TIME: Duration = Duration::from_secs(10);

/// A contact is new for so long: it may be connected as the stranger that it was.
const NEW: Duration = Duration::from_secs(10);

/// How long to wait for the connection of a new contact; it may not be able to make one.
const WELCOME: Duration = Duration::from_secs(1);

/// Why a port of a contact could not be reached.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// No address of the contact answers.
    #[error("{who} cannot be reached")]
    Unreachable {
        /// Label of the contact.
        who: String,
        /// What libp2p says, for people.
        reason: String,
    },
    /// The contact was reached, but does not trust us.
    #[error("{who} does not trust us")]
    NotTrusted {
        /// Label of the contact.
        who: String,
    },
    /// The contact was reached, but has not heard yet that we trust it.
    #[error("{who} has not heard yet that we trust it")]
    Unconfirmed {
        /// Label of the contact.
        who: String,
    },
    /// Nobody listens on the port.
    #[error("nobody listens on port {port} of {who}")]
    PortClosed {
        /// Label of the contact.
        who: String,
        /// The port.
        port: Port,
    },
    /// The contact trusts us, but does not speak a protocol: its agent is of another version.
    #[error("the agent of {who} does not speak {protocol}")]
    Unsupported {
        /// Label of the contact.
        who: String,
        /// The protocol.
        protocol: StreamProtocol,
    },
    /// The contact, or we, have too many streams.
    #[error("{who} is busy")]
    Busy {
        /// Label of the contact.
        who: String,
    },
    /// No answer in the time given.
    #[error("{who} did not answer in time")]
    Timeout {
        /// Label of the contact.
        who: String,
    },
    /// The connection broke.
    #[error("the connection to {who} broke: {source}")]
    Broken {
        /// Label of the contact.
        who: String,
        /// What broke it.
        source: Arc<io::Error>,
    },
}

/// What a stream leads to: a port, or a service of every agent that has none.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Port(Port),
    Service(StreamProtocol),
}

impl From<Port> for Target {
    fn from(port: Port) -> Self {
        Self::Port(port)
    }
}

impl From<StreamProtocol> for Target {
    fn from(protocol: StreamProtocol) -> Self {
        Self::Service(protocol)
    }
}

impl Target {
    fn protocol(&self) -> StreamProtocol {
        match self {
            Self::Port(port) => port.protocol(),
            Self::Service(protocol) => protocol.clone(),
        }
    }

    /// The contact trusts us, and nobody takes the stream there.
    fn closed(self, who: String) -> DialError {
        match self {
            Self::Port(port) => DialError::PortClosed { who, port },
            Self::Service(protocol) => DialError::Unsupported { who, protocol },
        }
    }
}

impl DialError {
    /// A stream to a contact failed so.
    pub(crate) fn broken(to: &Contact, error: impl Into<io::Error>) -> Self {
        Self::Broken { who: to.label(), source: Arc::new(error.into()) }
    }
}

/// Opens streams to contacts.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    pub(crate) net: Net,
    pub(crate) contacts: Contacts,
    pub(crate) mesh: Mesh,
}

impl Reach {
    /// Opens a stream; the contact's word whether it takes it comes with the first read.
    pub(crate) async fn open(&self, to: &Contact, target: impl Into<Target>) -> Result<Stream, DialError> {
        let target = target.into();
        self.settle(to).await;
        let mut opened = self.net.open(to.peer, target.protocol()).await;
        if matches!(opened, Err(OpenError::Unreachable(_))) && self.look_again(to).await {
            opened = self.net.open(to.peer, target.protocol()).await;
        }
        match opened {
            // Asked when the stream can be cut already: either the end of the trust shows here, or the cut finds it.
            Ok(_) if !self.contacts.allows(&to.peer) => Err(DialError::broken(to, Cut)),
            Ok(stream) => Ok(stream),
            Err(error) => Err(self.explain(to, target, error).await),
        }
    }

    /// The same with a deadline, for a program.
    pub(crate) async fn open_within(
        &self,
        to: &Contact,
        target: impl Into<Target>,
        wait: Duration,
    ) -> Result<Stream, DialError> {
        let opened = timeout(wait, self.open(to, target)).await;
        let stream = opened.map_err(|_| DialError::Timeout { who: to.label() })??;
        self.contacts.used(to.agent);
        Ok(stream)
    }

    /// Opens a stream and waits until the contact has taken it.
    pub(crate) async fn dial(
        &self,
        to: &Contact,
        target: impl Into<Target>,
        wait: Duration,
    ) -> Result<Stream, DialError> {
        let target = target.into();
        let dialling = async {
            let mut stream = self.open(to, target.clone()).await?;
            match stream.accepted().await {
                Ok(()) => Ok(stream),
                Err(error) => Err(self.failed(to, target, error).await),
            }
        };
        let stream = timeout(wait, dialling).await.map_err(|_| DialError::Timeout { who: to.label() })??;
        self.contacts.used(to.agent);
        Ok(stream)
    }

    /// What a failed read or write of a stream means.
    pub(crate) async fn failed(
        &self,
        to: &Contact,
        target: impl Into<Target>,
        error: io::Error,
    ) -> DialError {
        match Refusal::of(&error) {
            Some(refusal) => self.refused(to, target.into(), refusal).await,
            None => DialError::broken(to, error),
        }
    }

    /// Asks the network where a contact is now; `true` if that is somewhere else than we thought.
    async fn look_again(&self, to: &Contact) -> bool {
        let Some(card) = self.mesh.where_is(&to.agent, to.address.node()).await else { return false };
        let is_news = card.addresses().iter().any(|address| !to.multiaddrs.contains(address));
        if is_news {
            self.contacts.learn(to.peer, card.addresses().to_vec()).await;
        }
        is_news
    }

    /// Waits for the connection on which a new contact is met as one: the one on which we came to trust each other is
    /// closed for it, and all streams on it break.
    async fn settle(&self, to: &Contact) {
        let age = clock::unix_ms().saturating_sub(to.trusted_at);
        if age < NEW.as_millis() as u64 && self.net.is_met_as_stranger(&to.peer) {
            let _ = timeout(WELCOME, self.net.welcomed(&to.peer)).await;
        }
    }

    async fn explain(&self, to: &Contact, target: Target, error: OpenError) -> DialError {
        let who = to.label();
        match error {
            OpenError::Unreachable(reason) => DialError::Unreachable { who, reason },
            OpenError::Refused(refusal) => self.refused(to, target, refusal).await,
            OpenError::Busy => DialError::Busy { who },
            OpenError::Timeout => DialError::Timeout { who },
            OpenError::Io(error) => DialError::broken(to, error),
            other => DialError::broken(to, io::Error::other(other)),
        }
    }

    async fn refused(&self, to: &Contact, target: Target, refusal: Refusal) -> DialError {
        let who = to.label();
        match refusal {
            Refusal::Busy => DialError::Busy { who },
            Refusal::Closed => target.closed(who),
            Refusal::Unsupported if self.is_served_by(to, &target).await => target.closed(who),
            Refusal::Unsupported | Refusal::Refused if !self.contacts.is_confirmed(&to.agent) => {
                DialError::Unconfirmed { who }
            }
            Refusal::Unsupported | Refusal::Refused => DialError::NotTrusted { who },
            other => DialError::broken(to, other),
        }
    }

    /// A peer that trusts us answers on port 7, whatever other ports it has; one that does not is silent on all.
    async fn is_served_by(&self, to: &Contact, target: &Target) -> bool {
        if matches!(target, Target::Port(Port::ECHO)) {
            return false;
        }
        let asked = async {
            match self.net.open(to.peer, Port::ECHO.protocol()).await {
                Ok(mut stream) => stream.accepted().await.is_ok(),
                Err(_) => false,
            }
        };
        timeout(ECHO_TIME, asked).await.unwrap_or(false)
    }
}
