//! A node on a host of the laboratory.

use std::{fs::File, io, ops::Deref, os::fd::AsFd as _, thread};

use airway::{Node, Overrides};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tokio::{runtime::Builder, sync::oneshot};

use crate::agent;

/// Wherever the host is, at ports that the node picks.
const LISTEN: [&str; 2] = ["/ip4/0.0.0.0/udp/0/quic-v1", "/ip4/0.0.0.0/tcp/0"];

/// A running node. It ends when this is dropped.
#[derive(Debug)]
pub struct Agent {
    node: Node,
    _end: oneshot::Sender<()>,
}

impl Deref for Agent {
    type Target = Node;

    fn deref(&self) -> &Node {
        &self.node
    }
}

impl Agent {
    /// Starts a node on a thread that has entered the namespace; the threads that it starts are there as well.
    pub(super) async fn start(entrance: File, name: &str, settings: Overrides) -> io::Result<Self> {
        let (end, ended) = oneshot::channel();
        let (started, outcome) = oneshot::channel();
        let named = name.to_owned();
        thread::Builder::new().name(name.into()).spawn(move || {
            let entered = move_into_link_name_space(entrance.as_fd(), Some(LinkNameSpaceType::Network));
            let runtime = entered
                .map_err(io::Error::from)
                .and_then(|()| Builder::new_current_thread().enable_all().build());
            match runtime {
                Ok(runtime) => runtime.block_on(live(named, settings, started, ended)),
                Err(error) => drop(started.send(Err(error))),
            }
        })?;
        let node = outcome.await.map_err(|_| io::Error::other("the thread of the host ended"))??;
        Ok(Self { node, _end: end })
    }
}

/// Starts the node, and drives its tasks until the handle has been dropped.
async fn live(
    name: String,
    settings: Overrides,
    started: oneshot::Sender<io::Result<Node>>,
    ended: oneshot::Receiver<()>,
) {
    match agent::Agent::start_with(&name, &LISTEN, settings).await {
        Ok(agent) => {
            if started.send(Ok(agent.node.clone())).is_ok() {
                let _ = ended.await;
            }
        }
        Err(error) => drop(started.send(Err(error))),
    }
}
