//! Events: what is published, and subscriptions whose events are kept until they are asked for.

use std::{
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use airway::{
    Delivery, Node, Source, Subscription,
    protocols::{
        events::{Event, Gap, Pattern, Reason, Since, Subscribe, Topic},
        trust::Scopes,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, WAIT, data::label, done};

/// Events that a subscription keeps; it ends there, with an error.
const MAX_KEPT: usize = 1_000_000;

/// What is to be told.
#[derive(Debug, Deserialize)]
pub(super) struct Publish {
    topic: String,
    text: String,
    /// To the broker of this contact.
    to: Option<String>,
    /// To the network. Without either: to our own broker.
    #[serde(default)]
    mesh: bool,
}

/// What is to be heard.
#[derive(Debug, Deserialize)]
pub(super) struct Listen {
    patterns: Vec<String>,
    /// From the broker of this contact.
    from: Option<String>,
    /// From the network. Without either: from our own broker.
    #[serde(default)]
    mesh: bool,
    /// `now`, which it is if absent, `start` or a position.
    since: Option<String>,
}

/// What a contact may do with our broker from now on.
#[derive(Debug, Deserialize)]
pub(super) struct Limits {
    who: String,
    publish: Vec<Pattern>,
    subscribe: Vec<Pattern>,
}

/// The subscriptions of a peer by their numbers. A task reads each as fast as it comes.
#[derive(Debug, Clone, Default)]
pub(super) struct Subscriptions(Arc<Mutex<Vec<Heard>>>);

/// What one of them has brought so far.
type Heard = Arc<Mutex<Kept>>;

#[derive(Debug, Default)]
struct Kept {
    events: Vec<Value>,
    gaps: Vec<Value>,
    ended: Option<String>,
}

pub(super) async fn publish(node: &Node, Publish { topic, text, to, mesh }: Publish) -> Answer {
    let (topic, payload) = (topic.parse::<Topic>()?, text.into_bytes());
    if mesh {
        let reached = node.broadcast(&topic, payload, WAIT).await?;
        return Ok(json!({ "position": reached.position.to_string(), "peers": reached.peers }));
    }
    let position = match to {
        Some(who) => node.publish_to(&node.meet(&who, WAIT).await?, &topic, payload, WAIT).await?,
        None => node.publish(&topic, payload).await?,
    };
    Ok(json!({ "position": position.to_string() }))
}

/// Done once it is live.
pub(super) async fn subscribe(node: &Node, all: &Subscriptions, listen: Listen) -> Answer {
    let Listen { patterns, from, mesh, since } = listen;
    let patterns = patterns.iter().map(|pattern| pattern.parse()).collect::<Result<Vec<Pattern>, _>>()?;
    let what = Subscribe { patterns, since: parse(since.as_deref())? };
    let source = match from {
        _ if mesh => Source::Mesh,
        Some(who) => Source::Contact(node.meet(&who, WAIT).await?),
        None => Source::Own,
    };
    let subscription = node.subscribe(&source, what, WAIT).await?;
    let heard = Heard::default();
    tokio::spawn(collect(node.clone(), subscription, heard.clone()));
    let mut all = lock(&all.0);
    all.push(heard);
    Ok(json!({ "subscription": all.len() - 1 }))
}

fn parse(since: Option<&str>) -> Result<Since, Box<dyn Error + Send + Sync>> {
    Ok(match since {
        None | Some("now") => Since::Now,
        Some("start") => Since::Start,
        Some(position) => Since::After(position.parse()?),
    })
}

/// Keeps all that comes, until it ends.
async fn collect(node: Node, mut subscription: Subscription, heard: Heard) {
    let ended = loop {
        match subscription.next().await {
            Some(Ok(Delivery::Event(event))) => {
                let event = shown(&node, &event);
                let mut kept = lock(&heard);
                if kept.events.len() == MAX_KEPT {
                    break "there is no room for more events".to_owned();
                }
                kept.events.push(event);
            }
            Some(Ok(Delivery::Gap(gap))) => lock(&heard).gaps.push(missing(&gap)),
            Some(Err(error)) => break error.to_string(),
            None => break "it has ended".to_owned(),
        }
    };
    lock(&heard).ended = Some(ended);
}

/// What a subscription has brought, but for so many events at its beginning.
pub(super) fn events(all: &Subscriptions, subscription: usize, skip: usize) -> Answer {
    let heard = lock(&all.0).get(subscription).cloned().ok_or("no such subscription")?;
    let kept = lock(&heard);
    let events = kept.events.get(skip..).unwrap_or_default();
    Ok(json!({ "events": events, "gaps": kept.gaps, "ended": kept.ended }))
}

/// What the contact may do besides stays as it is.
pub(super) async fn scope(node: &Node, Limits { who, publish, subscribe }: Limits) -> Answer {
    let contact = node.find(&who)?;
    let scopes = Scopes { publish, subscribe, ..(*contact.scopes).clone() };
    node.set_scopes(&contact.endpoint().to_string(), scopes).await?;
    done()
}

/// Our part in what members say to all others.
pub(super) async fn gossip(node: &Node) -> Answer {
    let state = node.gossip().await;
    let peers = state.peers.iter().map(|peer| {
        let who = peer.peer.to_string();
        json!({ "peer": who, "joined": peer.joined, "mesh": peer.in_mesh, "score": peer.score })
    });
    Ok(json!({ "joined": state.joined, "copies": state.copies, "peers": peers.collect::<Vec<_>>() }))
}

fn shown(node: &Node, event: &Event) -> Value {
    json!({
        "topic": event.topic.as_str(),
        "publisher": label(node, &event.publisher),
        "position": event.position.to_string(),
        "at": event.at,
        "text": String::from_utf8_lossy(&event.payload),
        "heard": now(),
    })
}

fn missing(gap: &Gap) -> Value {
    let reason = match gap.reason {
        Reason::Forgotten => "forgotten",
        Reason::Restarted => "restarted",
    };
    json!({ "after": gap.after.to_string(), "next": gap.next.to_string(), "reason": reason })
}

/// Unix milliseconds.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
