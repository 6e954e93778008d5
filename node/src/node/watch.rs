//! How the node is: for whoever watches over it.

use std::time::Duration;

use tokio::time::timeout;

use super::Node;
use crate::{metrics::Snapshot, store};

/// How long each part may take to show that it works.
const ANSWER: Duration = Duration::from_secs(2);

impl Node {
    /// What is wrong with the node; nothing if it does its work. Takes two seconds at most.
    pub async fn ailments(&self) -> Vec<String> {
        let inner = &*self.0;
        let (database, network) =
            tokio::join!(timeout(ANSWER, inner.store.check()), timeout(ANSWER, inner.net.answers()));
        let mut ailments = Vec::new();
        match database {
            Ok(Ok(())) => {}
            Ok(Err(error)) => ailments.push(error.to_string()),
            Err(_) => ailments.push("the database does not answer".into()),
        }
        if network != Ok(true) {
            ailments.push("the network does not answer".into());
        }
        if self.listening().is_empty() {
            ailments.push("nothing is listened on".into());
        }
        ailments
    }

    /// All metrics as OpenMetrics text.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn metrics(&self) -> Result<String, store::Error> {
        let inner = &*self.0;
        let inbox = inner.store.inbox_usage().await?;
        let trusted = |connection: crate::Connection| {
            let trusted = inner.contacts.allows(&connection.peer);
            (connection, trusted)
        };
        let snapshot = Snapshot {
            uptime: self.uptime(),
            contacts: self.contacts().len(),
            connections: inner.net.connections().into_iter().map(trusted).collect(),
            ports: self.ports().len(),
            inbox,
            quota: inner.config.limits.inbox_bytes,
            outbox: inner.store.outbox_count().await?,
            refused: inner.net.refused(),
        };
        Ok(inner.metrics.render(&snapshot))
    }
}
