//! Messages and files.

use std::{
    error::Error,
    fs::File,
    io::{self, Read as _},
    path::Path,
    time::{Duration, Instant},
};

use airway::{
    Node, Outgoing, Received, Status,
    protocols::{
        agent::AgentId,
        files::{Digest, Hasher},
    },
    store::{Filter, GetError, Pick},
};
use serde_json::json;
use tokio::sync::watch;

use super::{Answer, WAIT, reach::micros};

/// How long a file may be on its way: through breaks of the connection, and while the other is away.
const FILE_TIME: Duration = Duration::from_secs(3600);

/// Bytes that are read at once.
const BUFFER: usize = 256 * 1024;

/// Done when the other has it.
pub(super) async fn send(node: &Node, who: &str, text: String) -> Answer {
    let contact = node.meet(who, WAIT).await?;
    let sent = node.send(&contact, Outgoing { wait: WAIT, ..Outgoing::text(text) }.now()).await?;
    Ok(json!({ "message": sent.id().to_string() }))
}

pub(super) async fn inbox(node: &Node) -> Answer {
    let messages = all(node).await?.into_iter().filter(|message| message.file.is_none()).map(|message| {
        let text = String::from_utf8_lossy(&message.payload);
        json!({ "id": message.id.to_string(), "from": label(node, &message.from), "text": text })
    });
    Ok(json!({ "messages": messages.collect::<Vec<_>>() }))
}

/// Done when the other has it; goes on where it broke off until then.
pub(super) async fn send_file(node: &Node, who: &str, path: &Path) -> Answer {
    let contact = node.meet(who, WAIT).await?;
    let source = path.to_owned();
    let digest = tokio::task::spawn_blocking(move || digest(&source)).await??;
    let start = Instant::now();
    let file = node.send_file(&contact, path, None, Some(FILE_TIME)).await?;
    match node.watch(Pick::Seq(file.seq)).await {
        Ok((_, status)) => delivered(status).await?,
        // It has left the outbox already, and nobody takes anything back here.
        Err(GetError::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let micros = micros(start.elapsed());
    Ok(json!({ "digest": digest.to_string(), "size": file.size, "micros": micros }))
}

async fn delivered(mut status: watch::Receiver<Status>) -> Result<(), Box<dyn Error + Send + Sync>> {
    loop {
        match status.borrow_and_update().clone() {
            Status::Delivered { .. } => return Ok(()),
            Status::Failed(error) => return Err(error.into()),
            Status::Waiting(_) | Status::Sending { .. } => {}
        }
        status.changed().await?;
    }
}

pub(super) async fn files(node: &Node) -> Answer {
    let received = all(node).await?.into_iter().filter_map(|message| Some((message.from, message.file?)));
    let files = received.map(|(from, file)| {
        let (digest, from) = (file.digest.to_string(), label(node, &from));
        json!({ "from": from, "name": file.name, "size": file.size, "digest": digest, "path": file.path })
    });
    Ok(json!({ "files": files.collect::<Vec<_>>() }))
}

/// The whole inbox, page by page.
async fn all(node: &Node) -> Result<Vec<Received>, Box<dyn Error + Send + Sync>> {
    let mut all: Vec<Received> = Vec::new();
    loop {
        let after = all.last().map_or(0, |last| last.seq);
        match node.inbox(Filter { after, ..Filter::default() }).await? {
            page if page.is_empty() => return Ok(all),
            page => all.extend(page),
        }
    }
}

/// How the other is called in requests.
pub(super) fn label(node: &Node, agent: &AgentId) -> String {
    match node.contact(agent) {
        Some(contact) => contact.endpoint().to_string(),
        None => node.endpoint_of(agent).to_string(),
    }
}

fn digest(path: &Path) -> io::Result<Digest> {
    let (mut file, mut hasher, mut buffer) = (File::open(path)?, Hasher::default(), vec![0; BUFFER]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.digest()),
            read => hasher.update(&buffer[..read]),
        }
    }
}
