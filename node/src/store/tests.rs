//! The store through its own door; each file in `tests/` has one part of it.

mod contacts;
mod files;
mod groups;
mod inbox;
mod mesh;
mod open;
mod outbox;
mod tasks;
mod trust;

use std::path::PathBuf;

use super::*;

/// A quota that no test reaches by accident.
const AMPLE: u64 = 1 << 40;

/// A store in a directory that goes away with it.
struct Scratch {
    store: Store,
    path: PathBuf,
    _dir: tempfile::TempDir,
}

fn scratch() -> Scratch {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("airway.db");
    Scratch { store: Store::open(&path).unwrap(), path, _dir: dir }
}

impl Scratch {
    /// Closes the store and opens it again.
    async fn reopen(&mut self) {
        self.store.close().await;
        self.store = Store::open(&self.path).unwrap();
    }
}

/// A message from agent 1 with an id made of `id`.
fn message(id: u128, body: &[u8]) -> NewMessage {
    NewMessage {
        agent: [1; 32],
        id: id.to_be_bytes(),
        kind: 0,
        reply_to: None,
        sent_at_ms: 1,
        received_at_ms: 2,
        body: body.to_owned(),
    }
}

impl Store {
    /// Puts a message with an ample quota, and returns its sequence number.
    async fn put(&self, message: NewMessage) -> u64 {
        match self.inbox_put(message, AMPLE).await.unwrap() {
            Stored::New { seq } => seq,
            other => panic!("not stored: {other:?}"),
        }
    }

    /// The bodies in the inbox.
    async fn bodies(&self) -> Vec<Vec<u8>> {
        self.inbox_list(Filter::default()).await.unwrap().into_iter().map(|message| message.body).collect()
    }

    /// How SQLite goes about a query.
    async fn plan(&self, sql: &'static str) -> String {
        let explain = move |db: &Connection| {
            let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            // Parameters that are not given are NULL.
            let steps =
                plan.raw_query().mapped(|row| row.get("detail")).collect::<Result<Vec<String>, _>>()?;
            Ok::<_, Error>(steps.join("\n"))
        };
        self.read(explain).await.unwrap()
    }
}
