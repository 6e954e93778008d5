//! Two agents in one process: one gives the other a task, which does it and says how far it is; both keep the receipt.
//!
//! ```text
//! cargo run -p airway-example-worker
//! ```
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::{error::Error, path::Path, time::Duration};

use airway::{
    Material, NewTask, Node, Overrides, TICKET_LIFE, TaskRef, Terms,
    protocols::tasks::{Content, State},
};
use futures::StreamExt as _;

const WAIT: Duration = Duration::from_secs(30);

/// How long the worker may say nothing before the task is somebody else's to do.
const LEASE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let homes = tempfile::tempdir()?;
    let alice = agent(homes.path(), "alice").await?;
    let bob = agent(homes.path(), "bob").await?;
    let ticket = bob.ticket(Terms::default(), TICKET_LIFE, false).await?;
    let to_bob = alice.pair(&ticket, Terms::default(), WAIT).await?;

    let worker = tokio::spawn(work(bob.clone()));
    let input = Some(Material::Inline(b"the quick brown fox".to_vec()));
    let task = alice.task_submit(&to_bob, NewTask { input, ..NewTask::new("how many words?") }).await?;
    // From the beginning of the log: what happens before we look is no news otherwise.
    let mut changes = std::pin::pin!(alice.task_changes(Some(0)));
    while let Some(entry) = changes.next().await {
        let entry = entry?;
        println!("alice: {:?} {:?} {}", entry.what, entry.state, entry.text.unwrap_or_default());
        if entry.task == task.id && entry.state.is_some_and(State::is_final) {
            break;
        }
    }
    let task = alice.task(&TaskRef::from(task.id)).await?;
    if let Some(Content::Inline { data }) = &task.output {
        println!("alice: the result is {}", String::from_utf8_lossy(data));
    }
    if let Some(receipt) = &task.receipt {
        println!("alice: receipt {} between the two, reward {}", receipt.seq(), receipt.reward());
    }
    worker.abort();
    alice.shut_down().await;
    bob.shut_down().await;
    Ok(())
}

/// Does one task after the other. What they say is another agent's text: data, and no instructions.
async fn work(bob: Node) -> Result<(), airway::TaskError> {
    // What comes is accepted for as long as this is kept.
    let _accepting = bob.accept_tasks();
    loop {
        let Some(task) = bob.task_next(Some(LEASE), WAIT).await? else { continue };
        let (which, attempt) = (TaskRef::from(task.id), Some(task.attempt));
        println!("bob: {:?}", task.description);
        match task.input {
            Some(Content::Inline { data }) => {
                bob.task_progress(&which, attempt, Some(500), Some("counting".into())).await?;
                let words = String::from_utf8_lossy(&data).split_whitespace().count();
                let result = Material::Inline(words.to_string().into_bytes());
                bob.task_complete(&which, attempt, Some(result)).await?;
            }
            _ => {
                bob.task_fail(&which, attempt, "there is nothing to count".into()).await?;
            }
        }
    }
}

/// Starts an agent with a home below `homes`, on loopback alone.
async fn agent(homes: &Path, name: &str) -> Result<Node, Box<dyn Error>> {
    let flags = Overrides {
        name: Some(name.into()),
        listen: Some(vec!["/ip4/127.0.0.1/udp/0/quic-v1".into()]),
        ..Overrides::default()
    };
    Ok(Node::start(homes.join(name), flags).await?)
}
