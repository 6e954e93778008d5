//! What the agent does for its peers and its programs: one module for each protocol that has a meaning.
//!
//! ```text
//! peer ─► net ─► Incoming (bounded queue) ─► accept loop ─► one task for each stream ─► store
//! program ─► Node ─► Reach (opens a stream to a contact) ─► net ─► peer
//! ```

pub mod bench;
pub(crate) mod data;
pub(crate) mod echo;
mod patient;
pub(crate) mod perf;
pub(crate) mod ports;
pub(crate) mod reach;

use airway_protocols::{port::Port, streams::AlreadyRegistered};

pub use self::{
    data::SendError,
    echo::Pong,
    ports::{ListenError, Listener},
    reach::DialError,
};
use crate::{contacts::Contacts, net::Net, store::Store};

/// Streams that may wait for a service to take them; beyond it the peer hears `busy`. Several peers at their
/// own limits at once.
const ACCEPT_QUEUE: usize = 1024;

/// Starts the services that every agent has.
///
/// # Errors
/// If one of them runs already.
pub(crate) fn start(
    net: &Net,
    contacts: &Contacts,
    store: &Store,
    inbox_bytes: u64,
) -> Result<(), AlreadyRegistered> {
    net.spawn(echo::serve(net.listen(Port::ECHO.protocol(), ACCEPT_QUEUE)?, net.clone()));
    net.spawn(perf::serve(net.listen(airway_protocols::perf::PROTOCOL, ACCEPT_QUEUE)?, net.clone()));
    let messages = net.listen(Port::DATA.protocol(), ACCEPT_QUEUE)?;
    net.spawn(data::serve(messages, net.clone(), contacts.clone(), store.clone(), inbox_bytes));
    Ok(())
}
