//! What has happened between us and others.

use serde_json::json;
use tokio::time::sleep;

use super::{AGAIN, News};
use crate::{
    store,
    trust::{Trust, TrustEvent},
};

/// Entries of the log that are read at once.
const PAGE: u32 = 100;

/// Tells what comes into the log of trust behind this place.
pub(super) async fn tell(news: News, trust: Trust, mut after: u64) {
    loop {
        match trust.events_from(after, PAGE).await {
            Ok(events) => {
                for event in events {
                    after = event.seq;
                    tell_one(&news, event);
                }
            }
            Err(store::Error::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, "what happened between us and others is not told yet");
                sleep(AGAIN).await;
            }
        }
    }
}

/// In the form of the API: what others say stands apart from what we know.
fn tell_one(news: &News, event: TrustEvent) {
    let what = json!(event.what);
    let (text, theirs) = if event.by_us { (event.text, None) } else { (None, event.text) };
    let payload = json!({
        "seq": event.seq,
        "at": event.at,
        "address": event.endpoint.to_string(),
        "agent_id": event.agent.to_string(),
        "what": what,
        "by_us": event.by_us,
        "text": text,
        "untrusted": { "name": event.name, "text": theirs },
    });
    news.tell(&format!("trust/{}", what.as_str().unwrap_or_default()), &payload);
}
