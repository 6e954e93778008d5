//! Events: published here, at a contact's broker or to the network, and followed from each.

use std::{convert::Infallible, time::Duration};

use airway_protocols::events::{Pattern, Position, Since, Subscribe, Topic};
use axum::{
    body::Bytes,
    extract::{RawQuery, State, rejection::BytesRejection},
    response::Response,
};
use futures::StreamExt as _;
use percent_encoding::percent_decode_str;

use super::{
    super::{
        Code, Envelope, Error, EventItem, EventSource, EventsQuery, Publication, PublishQuery, TopicItem,
        TopicsQuery,
    },
    Daemon,
    contacts::{meet, wait},
    openapi::Payload,
    reply::{Data, Failure, Query, Reply, line, malformed, ndjson},
};
use crate::{Node, Source, TopicsOf, clock};

/// Lines that a follower makes us hold, of 60 KiB of payload at most each.
const PAGE: usize = 32;

/// The name in a query that may stand in it several times.
const PATTERN: &str = "pattern";

/// Publishes an event: at our own broker, at that of a contact, or to the members of our network.
///
/// The payload is the body as it is, of at most 60 KiB, whatever its content type. An event is not kept on any disk: whoever
/// has not subscribed when it is published gets it for as long as the broker keeps it.
#[utoipa::path(post, path = "/v1/events", tag = "events", params(PublishQuery), request_body(content = Payload, content_type = "application/octet-stream"), responses((status = 200, body = Data<Publication>)))]
pub(super) async fn publish(
    State(Daemon { node, .. }): State<Daemon>,
    Query(PublishQuery { topic: text, to, mesh, timeout_ms }): Query<PublishQuery>,
    body: Result<Bytes, BytesRejection>,
) -> Reply<Publication> {
    let payload = body.map_err(|refused| {
        let error = Error::new(Code::BadRequest, "the payload did not come in whole, or is too long");
        Failure::from(error.hint("an event has at most 60 KiB")).with(refused.status())
    })?;
    let (topic, size) = (topic(&text)?, payload.len() as u64);
    let place = |position: Position| Publication {
        topic: text.clone(),
        size,
        position: position.to_string(),
        to: None,
        peers: None,
    };
    let published = match (to, mesh) {
        (None, false) => place(node.publish(&topic, payload.into()).await?),
        (None, true) => {
            let reached = node.broadcast(&topic, payload.into(), wait(timeout_ms)).await?;
            Publication { peers: Some(reached.peers as u64), ..place(reached.position) }
        }
        (Some(who), false) => {
            let (to, wait) = meet(&node, &who, timeout_ms).await?;
            let position = node.publish_to(&to, &topic, payload.into(), wait).await?;
            Publication { to: Some(to.endpoint().to_string()), ..place(position) }
        }
        (Some(_), true) => {
            let error = Error::new(Code::BadRequest, "both to and mesh were given");
            return Err(error.hint("give one of them, or neither for our own broker").into());
        }
    };
    Ok(published.into())
}

/// Events as they come, without an envelope, and where some are missing.
///
/// It answers once it is subscribed: whatever is published from then on comes. A reader that is slow is waited for; what
/// is forgotten meanwhile is told as a gap. If the subscription ends, the last line is an error in its envelope.
#[utoipa::path(get, path = "/v1/events/follow", operation_id = "follow_events", tag = "events", params(EventsQuery), responses((
        status = 200,
        body = EventItem,
        content_type = "application/x-ndjson",
        description = "One object a line.",
    )))]
pub(super) async fn follow(
    State(Daemon { node, end, .. }): State<Daemon>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = read(&query.unwrap_or_default())?;
    let patterns = query.pattern.iter().map(|text| pattern(text)).collect::<Result<_, _>>()?;
    let what = Subscribe { patterns, since: since(query.since.as_deref())? };
    let (source, wait) = source(&node, &query).await?;
    let subscription = node.subscribe(&source, what, wait).await?;
    let lines = subscription.map(move |delivery| match delivery {
        Ok(delivery) => line(&EventItem::of(&node, delivery)),
        Err(error) => line(&Envelope::<()>::Error(error.into())),
    });
    let pages = lines.ready_chunks(PAGE).map(|page| Ok::<_, Infallible>(page.concat()));
    Ok(ndjson(pages.take_until(end.cancelled_owned())))
}

/// The topics of which events are kept, by name.
#[utoipa::path(get, path = "/v1/topics", tag = "events", params(TopicsQuery), responses((status = 200, body = Data<Vec<TopicItem>>)))]
pub(super) async fn topics(
    State(Daemon { node, .. }): State<Daemon>,
    Query(TopicsQuery { source }): Query<TopicsQuery>,
) -> Reply<Vec<TopicItem>> {
    let of = match source.unwrap_or_default() {
        EventSource::Own => TopicsOf::Own,
        EventSource::Mesh => TopicsOf::Mesh,
        EventSource::Node => TopicsOf::Node,
    };
    Ok(node.topics(of).into_iter().map(TopicItem::from).collect::<Vec<_>>().into())
}

/// The query of a follower. Ours is the one call in which a name may stand several times.
fn read(text: &str) -> Result<EventsQuery, Failure> {
    // Otherwise what is no text would come to be a pattern of replacement characters.
    percent_decode_str(text).decode_utf8().map_err(|_| malformed("it is not UTF-8"))?;
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).map_err(malformed)?;
    let (patterns, rest): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| name == PATTERN);
    let rest = serde_urlencoded::to_string(rest).map_err(malformed)?;
    let query = serde_urlencoded::from_str(&rest).map_err(malformed)?;
    let pattern = patterns.into_iter().map(|(_, value)| value).collect();
    Ok(EventsQuery { pattern, ..query })
}

/// Whose events are meant, and what is left of the time.
async fn source(node: &Node, query: &EventsQuery) -> Result<(Source, Duration), Error> {
    let source = match (&query.from, query.source) {
        (Some(who), None) => {
            let (contact, wait) = meet(node, who, query.timeout_ms).await?;
            return Ok((Source::Contact(contact), wait));
        }
        (Some(_), Some(_)) => {
            let error = Error::new(Code::BadRequest, "both from and source were given");
            return Err(error.hint("give one of them, or neither for our own broker"));
        }
        (None, None | Some(EventSource::Own)) => Source::Own,
        (None, Some(EventSource::Mesh)) => Source::Mesh,
        (None, Some(EventSource::Node)) => Source::Node,
    };
    Ok((source, wait(query.timeout_ms)))
}

/// The topic that a text is.
fn topic(text: &str) -> Result<Topic, Error> {
    text.parse().map_err(|error| {
        Error::new(Code::BadRequest, format!("{text:?} cannot be a topic: {error}"))
            .hint("a topic looks like builds/main: segments between /, at most 128 bytes, and no *")
    })
}

/// The pattern that a text is.
fn pattern(text: &str) -> Result<Pattern, Error> {
    text.parse().map_err(|error| {
        Error::new(Code::BadRequest, format!("{text:?} cannot be a pattern: {error}")).hint(
            "a pattern looks like 'builds/*' or 'builds/**': * is one segment, ** at the end one or more",
        )
    })
}

/// Where a subscription begins.
fn since(text: Option<&str>) -> Result<Since, Error> {
    let Some(text) = text else { return Ok(Since::Now) };
    if let Ok(position) = text.parse() {
        return Ok(Since::After(position));
    }
    match text {
        "now" => Ok(Since::Now),
        "start" => Ok(Since::Start),
        _ => match humantime::parse_duration(text) {
            Ok(ago) => {
                let ago = u64::try_from(ago.as_millis()).unwrap_or(u64::MAX);
                Ok(Since::Time(clock::unix_ms().saturating_sub(ago)))
            }
            Err(_) => Err(Error::new(Code::BadRequest, format!("{text:?} is no place to begin at"))
                .hint("give now, start, how long ago as in 10m, or a position as in 17.1042")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_may_stand_several_times_and_nothing_else() {
        let query = read("pattern=a%2F*&since=now&pattern=b%2C*%2Fc").unwrap();
        assert_eq!(query.pattern, ["a/*", "b,*/c"]);
        assert_eq!(query.since.as_deref(), Some("now"));
        for text in ["since=now&since=now", "pattern=%ff", "colour=red", "source=all", "timeout_ms=soon"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read("").unwrap().pattern.is_empty());
    }

    #[test]
    fn what_our_client_asks_is_what_is_read() {
        let query = EventsQuery {
            pattern: vec!["a b/**".into(), "*".into()],
            from: Some("0:0000.EB19.D348#foc5".into()),
            source: Some(EventSource::Mesh),
            since: Some("17.1042".into()),
            timeout_ms: Some(7),
        };
        let read = read(&serde_urlencoded::to_string(query.pairs()).unwrap()).unwrap();
        assert_eq!(format!("{read:?}"), format!("{query:?}"));
    }

    #[test]
    fn a_subscription_begins_where_it_is_told_to() {
        assert_eq!(since(None).unwrap(), Since::Now);
        assert_eq!(since(Some("now")).unwrap(), Since::Now);
        assert_eq!(since(Some("start")).unwrap(), Since::Start);
        assert_eq!(since(Some("17.1042")).unwrap(), Since::After(Position { epoch: 17, seq: 1042 }));
        let before = clock::unix_ms() - 600_000;
        assert!(matches!(since(Some("10m")).unwrap(), Since::Time(at) if at >= before));
        assert_eq!(since(Some("1000000years")).unwrap(), Since::Time(0));
        for text in ["", "yesterday", "17", "17.x", "-1", "10"] {
            assert_eq!(since(Some(text)).unwrap_err().code, Code::BadRequest, "{text:?}");
        }
    }
}
