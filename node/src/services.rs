//! What the agent does for its peers and its programs: one module for each protocol that has a meaning.
//!
//! ```text
//! peer ─► net ─► Incoming (bounded queue) ─► accept loop ─► one task for each stream ─► store
//! program ─► Node ─► Reach (opens a stream to a contact) ─► net ─► peer
//! ```

pub mod bench;
pub(crate) mod data;
pub(crate) mod echo;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod outbox;
mod patient;
pub(crate) mod perf;
pub(crate) mod ports;
pub(crate) mod reach;
pub(crate) mod tasks;

use airway_protocols::{
    files::PROTOCOL as FILES, perf::PROTOCOL as PERF, port::Port, streams::AlreadyRegistered,
};

pub use self::{
    echo::Pong,
    events::{Delivery, PublishError, Reached, SubscribeError, Subscription, TopicInfo},
    files::{Changed, CopyError, FileError},
    outbox::{DEFAULT_EXPIRY, MAX_EXPIRY, SendError, Status},
    ports::{ListenError, Listener},
    reach::DialError,
    tasks::{
        Accepting, AttachError, Material, NewTask, Role, Task, TaskEntry, TaskError, TaskEvent, TaskFilter,
        TaskRef,
    },
};
use crate::net::Net;

/// Streams that may wait for a service to take them; beyond it the peer hears `busy`. Several peers at their
/// own limits at once.
const ACCEPT_QUEUE: usize = 1024;

/// Starts the services that every agent has.
///
/// # Errors
/// If one of them runs already.
pub(crate) fn start(
    net: &Net,
    receiver: files::Receiver,
    logs: events::Events,
) -> Result<(), AlreadyRegistered> {
    let files::Receiver { contacts, inbox, .. } = receiver.clone();
    let pings = net.listen(Port::ECHO.protocol(), ACCEPT_QUEUE)?;
    net.spawn(echo::serve(pings, net.clone(), inbox.metrics.clone()));
    let messages = net.listen(Port::DATA.protocol(), ACCEPT_QUEUE)?;
    net.spawn(perf::serve(net.listen(PERF, ACCEPT_QUEUE)?, net.clone()));
    let subscribers = net.listen(Port::EVENTS.protocol(), ACCEPT_QUEUE)?;
    net.spawn(events::serve(subscribers, net.clone(), contacts.clone(), logs));
    net.spawn(data::serve(messages, net.clone(), contacts, inbox));
    net.spawn(files::serve(net.listen(FILES, ACCEPT_QUEUE)?, net.clone(), receiver));
    Ok(())
}

/// Starts the service of tasks, which needs to reach others and so comes after the rest.
///
/// # Errors
/// If it runs already.
pub(crate) fn listen_for_tasks(net: &Net, tasks: tasks::Tasks) -> Result<(), AlreadyRegistered> {
    let incoming = net.listen(Port::TASKS.protocol(), ACCEPT_QUEUE)?;
    net.spawn(tasks::serve(incoming, tasks));
    Ok(())
}
