//! A node on a host of the laboratory.

use std::{
    fs::File,
    io,
    ops::Deref,
    os::fd::AsFd as _,
    thread::{self, JoinHandle},
};

use airway::{Node, Overrides};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tokio::{runtime::Builder, sync::oneshot};

use crate::agent;

/// Wherever the host is, at ports that the node picks.
const LISTEN: [&str; 2] = ["/ip4/0.0.0.0/udp/0/quic-v1", "/ip4/0.0.0.0/tcp/0"];

/// A running node. It ends when this is dropped, and its home goes away with it.
#[derive(Debug)]
pub struct Agent {
    node: Node,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Deref for Agent {
    type Target = Node;

    fn deref(&self) -> &Node {
        &self.node
    }
}

/// Waits until the home is gone: a test that has ended takes its threads with it.
impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // What it has panicked with was shown.
            let _ = thread.join();
        }
    }
}

impl Agent {
    /// Starts a node on a thread that has entered the namespace; the threads that it starts are there as well.
    pub(super) async fn start(entrance: File, name: &str, settings: Overrides) -> io::Result<Self> {
        let (end, ended) = oneshot::channel();
        let (started, outcome) = oneshot::channel();
        let named = name.to_owned();
        let thread = thread::Builder::new().name(name.into()).spawn(move || {
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
        Ok(Self { node, end: Some(end), thread: Some(thread) })
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
