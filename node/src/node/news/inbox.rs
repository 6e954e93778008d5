//! What has come into the inbox.

use airway_protocols::{
    agent::AgentId,
    data::{Kind, MessageId},
    files::Digest,
};
use serde_json::json;
use tokio::time::sleep;

use super::{AGAIN, News};
use crate::{
    contacts::Contacts,
    services::files::Files,
    store::{self, InboxHead, Store},
};

/// Tells what comes into the inbox behind this place.
pub(super) async fn tell(news: News, store: Store, contacts: Contacts, files: Files, mut after: u64) {
    let mut newest = store.inbox_newest();
    loop {
        newest.mark_unchanged();
        match store.inbox_heads(after).await {
            Ok(heads) if heads.is_empty() => {
                if newest.changed().await.is_err() {
                    return;
                }
            }
            Ok(heads) => {
                for head in heads {
                    after = head.seq;
                    tell_one(&news, &contacts, &files, &head);
                }
            }
            Err(store::Error::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, "what has come into the inbox is not told yet");
                sleep(AGAIN).await;
            }
        }
    }
}

/// In the form of the API.
fn tell_one(news: &News, contacts: &Contacts, files: &Files, head: &InboxHead) {
    let from = AgentId::from_bytes(head.agent);
    let id = |bytes| MessageId::from_bytes(bytes).ok();
    let contact = contacts.get(&from);
    let mut payload = json!({
        "seq": head.seq,
        "id": id(head.id).map(|id| id.to_string()),
        "from": contact.as_ref().map(|contact| contact.endpoint().to_string()),
        "agent_id": from.to_string(),
        "name": contact.and_then(|contact| contact.alias.or(contact.name)),
        "type": kind(head),
        "reply_to": head.reply_to.and_then(id).map(|id| id.to_string()),
        "size": head.size,
    });
    let (Some(file), Some(id)) = (&head.file, id(head.id)) else {
        return news.tell("message/received", &payload);
    };
    payload["body"] = json!({
        "name": file.name,
        "path": files.path(&from, &id, &file.name).display().to_string(),
        "size": file.size,
        "blake3": Digest::from_bytes(file.digest).to_string(),
    });
    news.tell("file/received", &payload);
}

fn kind(head: &InboxHead) -> &'static str {
    if head.file.is_some() {
        return "file";
    }
    match Kind::try_from(head.kind) {
        Ok(Kind::Text) => "text",
        Ok(Kind::Json) => "json",
        Ok(Kind::Binary) | Err(_) => "binary",
    }
}
