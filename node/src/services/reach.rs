//! Opens streams to contacts, and says plainly why one could not be opened.

use std::{io, time::Duration};

use airway_protocols::{
    port::Port,
    streams::{OpenError, Refusal, Stream},
};
use tokio::time::timeout;

use crate::{
    contacts::{Contact, Contacts},
    net::Net,
};

/// Why a port of a contact could not be reached.
#[derive(Debug, thiserror::Error)]
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
    /// Nobody listens on the port.
    #[error("nobody listens on port {port} of {who}")]
    PortClosed {
        /// Label of the contact.
        who: String,
        /// The port.
        port: Port,
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
        source: io::Error,
    },
}

/// Opens streams to contacts.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    pub(crate) net: Net,
    pub(crate) contacts: Contacts,
}

impl Reach {
    /// Opens a stream to a port; the contact's word whether it takes it comes with the first read.
    pub(crate) async fn open(&self, to: &Contact, port: Port) -> Result<Stream, DialError> {
        match self.net.open(to.peer, port.protocol()).await {
            Ok(stream) => Ok(stream),
            Err(error) => Err(self.explain(to, port, error).await),
        }
    }

    /// The same with a deadline, for a program.
    pub(crate) async fn open_within(
        &self,
        to: &Contact,
        port: Port,
        wait: Duration,
    ) -> Result<Stream, DialError> {
        let opened = timeout(wait, self.open(to, port)).await;
        let stream = opened.map_err(|_| DialError::Timeout { who: to.label() })??;
        self.contacts.used(to.agent);
        Ok(stream)
    }

    /// Opens a stream to a port and waits until the contact has taken it.
    pub(crate) async fn dial(&self, to: &Contact, port: Port, wait: Duration) -> Result<Stream, DialError> {
        let dialling = async {
            let mut stream = self.open(to, port).await?;
            match stream.accepted().await {
                Ok(()) => Ok(stream),
                Err(error) => Err(self.failed(to, port, error).await),
            }
        };
        let stream = timeout(wait, dialling).await.map_err(|_| DialError::Timeout { who: to.label() })??;
        self.contacts.used(to.agent);
        Ok(stream)
    }

    /// What a failed read or write of a stream to a port means.
    pub(crate) async fn failed(&self, to: &Contact, port: Port, error: io::Error) -> DialError {
        match Refusal::of(&error) {
            Some(refusal) => self.refused(to, port, refusal).await,
            None => DialError::Broken { who: to.label(), source: error },
        }
    }

    async fn explain(&self, to: &Contact, port: Port, error: OpenError) -> DialError {
        let who = to.label();
        match error {
            OpenError::Unreachable(reason) => DialError::Unreachable { who, reason },
            OpenError::Refused(refusal) => self.refused(to, port, refusal).await,
            OpenError::Busy => DialError::Busy { who },
            OpenError::Timeout => DialError::Timeout { who },
            OpenError::Io(source) => DialError::Broken { who, source },
            other => DialError::Broken { who, source: io::Error::other(other) },
        }
    }

    async fn refused(&self, to: &Contact, port: Port, refusal: Refusal) -> DialError {
        let who = to.label();
        match refusal {
            Refusal::Busy => DialError::Busy { who },
            Refusal::Closed => DialError::PortClosed { who, port },
            Refusal::Unsupported if self.is_served_by(to, port).await => DialError::PortClosed { who, port },
            Refusal::Unsupported | Refusal::Refused => DialError::NotTrusted { who },
            other => DialError::Broken { who, source: other.into() },
        }
    }

    /// A peer that trusts us answers on port 7, whatever other ports it has; one that does not is silent on all.
    async fn is_served_by(&self, to: &Contact, port: Port) -> bool {
        if port == Port::ECHO {
            return false;
        }
        match self.net.open(to.peer, Port::ECHO.protocol()).await {
            Ok(mut stream) => stream.accepted().await.is_ok(),
            Err(_) => false,
        }
    }
}
