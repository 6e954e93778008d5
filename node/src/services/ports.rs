//! User ports: programs of this machine listen on them and dial those of peers.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use airway_protocols::{
    port::Port,
    streams::{Incoming, Stream},
};

use crate::{
    contacts::{Contact, Contacts},
    metrics::Metrics,
    net::Net,
};

/// Ports that may be listened on at once: all of them are named in one identify message of 4 KiB.
const MAX_PORTS: usize = 64;

/// Streams that may wait to be accepted on one port.
const ACCEPT_QUEUE: usize = 256;

/// Why a port cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The port has a meaning of its own.
    #[error("port {port} is reserved for {service}")]
    Reserved {
        /// The port.
        port: Port,
        /// What it is for.
        service: &'static str,
    },
    /// Another program listens on it.
    #[error("port {0} is in use")]
    InUse(Port),
    /// As many ports as there may be.
    #[error("{MAX_PORTS} ports are open already")]
    TooMany,
}

/// The user ports that are open.
#[derive(Debug, Clone)]
pub(crate) struct Ports {
    net: Net,
    contacts: Contacts,
    metrics: Metrics,
    open: Arc<Mutex<BTreeSet<u16>>>,
}

impl Ports {
    pub(crate) fn new(net: Net, contacts: Contacts, metrics: Metrics) -> Self {
        Self { net, contacts, metrics, open: Arc::default() }
    }

    /// The numbers of the open ports.
    pub(crate) fn list(&self) -> Vec<u16> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    pub(crate) fn listen(&self, port: Port) -> Result<Listener, ListenError> {
        if let (true, Some(service)) = (port.is_reserved(), port.service()) {
            return Err(ListenError::Reserved { port, service });
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MAX_PORTS {
            return Err(ListenError::TooMany);
        }
        let incoming =
            self.net.listen(port.protocol(), ACCEPT_QUEUE).map_err(|_| ListenError::InUse(port))?;
        open.insert(port.number());
        Ok(Listener { incoming, port, ports: self.clone() })
    }
}

/// Accepts streams from contacts on one port; dropping it closes the port.
#[derive(Debug)]
pub struct Listener {
    incoming: Incoming,
    port: Port,
    ports: Ports,
}

impl Listener {
    /// The port.
    pub fn port(&self) -> Port {
        self.port
    }

    /// The next stream and who opened it; `None` once the node has shut down. Cancel-safe.
    pub async fn accept(&mut self) -> Option<(Contact, Stream)> {
        loop {
            let stream = self.incoming.next().await?;
            // A stream of somebody who was removed while it waited here is dropped, even if he is a contact again.
            if stream.is_cut() {
                continue;
            }
            let Some(contact) = self.ports.contacts.by_peer(&stream.peer()) else { continue };
            self.ports.net.touch(contact.peer);
            self.ports.metrics.inbound.one("port");
            self.ports.contacts.used(contact.agent);
            return Some((contact, stream));
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.ports.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.port.number());
    }
}
