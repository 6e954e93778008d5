//! Events: at an agent's own broker, to a network, and cut.

use tokio::time::timeout;

use super::{WAIT, failed};
use crate::{
    Delivery, Node, Source, SubscribeError, Subscription,
    api::{Code, Error},
    protocols::events::{Since, Subscribe, Topic},
};

/// What alice publishes, bob subscribes to, and dora tells her network.
const BUILD: &str = "builds/main";
const BUILDS: &str = "builds/**";
const LUNCH: &str = "team/lunch";

/// Alice publishes two events, bob subscribes to what there is, and she publishes one more; returns what he gets.
pub(super) async fn replay(alice: &Node, bob: &Node) -> Result<Vec<String>, Error> {
    let build = topic(BUILD)?;
    for text in ["queued", "running"] {
        alice.publish(&build, text.into()).await?;
    }
    let from = Source::Contact(bob.find("alice")?);
    let mut events = subscribe(bob, &from, BUILDS, Since::Start).await?;
    alice.publish(&build, "passed".into()).await?;
    let mut texts = Vec::new();
    while texts.len() < 3 {
        texts.push(next(&mut events).await?);
    }
    Ok(texts)
}

/// A member tells its network something that another one has subscribed to; returns what that one hears.
pub(super) async fn tell(from: &Node, to: &Node) -> Result<String, Error> {
    let mut events = subscribe(to, &Source::Mesh, "**", Since::Now).await?;
    from.broadcast(&topic(LUNCH)?, "in ten minutes".into(), WAIT).await?;
    next(&mut events).await
}

/// The other has subscribed at `owner`, who ceases to trust it and publishes something; returns why the subscription is
/// over. It is an error if the other hears that.
pub(super) async fn cut(owner: &Node, other: &Node, name: &str) -> Result<String, Error> {
    let from = Source::Contact(other.meet(owner.me().name.as_deref().unwrap_or_default(), WAIT).await?);
    let mut events = subscribe(other, &from, "**", Since::Now).await?;
    let build = topic(BUILD)?;
    owner.publish(&build, "for friends".into()).await?;
    next(&mut events).await?;
    owner.untrust(name, None).await?;
    owner.publish(&build, "for others".into()).await?;
    match timeout(WAIT, events.next()).await.map_err(|_| late())? {
        Some(Err(error)) => Ok(error.to_string()),
        other => Err(failed(format!("after the trust had ended, this came: {other:?}"))),
    }
}

async fn subscribe(node: &Node, from: &Source, pattern: &str, since: Since) -> Result<Subscription, Error> {
    let patterns = vec![pattern.parse().map_err(|_| failed("not a pattern"))?];
    Ok(node.subscribe(from, Subscribe { patterns, since }, WAIT).await?)
}

/// The text of the next event. It is an error if something is missing before it.
async fn next(events: &mut Subscription) -> Result<String, Error> {
    match timeout(WAIT, events.next()).await.map_err(|_| late())? {
        Some(Ok(Delivery::Event(event))) => Ok(String::from_utf8_lossy(&event.payload).into_owned()),
        Some(Ok(Delivery::Gap(gap))) => Err(failed(format!("events are missing: {gap:?}"))),
        Some(Err(error)) => Err(error.into()),
        None => Err(SubscribeError::Closed.into()),
    }
}

fn late() -> Error {
    Error::new(Code::Timeout, format!("no event within {WAIT:?}"))
}

fn topic(text: &str) -> Result<Topic, Error> {
    text.parse().map_err(|_| failed("not a topic"))
}
