//! Events: what openers and brokers say, from both ends; broadcasts as bytes and with a payload that is validly signed
//! whatever it is; and the texts of topics and positions.

use airway_protocols::{
    agent::AgentId,
    certificate::Certificate,
    envelope,
    events::{
        self, Denied, EVENT_FRAME, Error, MAX_PAYLOAD, MAX_SUBSCRIBED, MAX_TOPIC, Pattern, Patterns,
        Position, Publication, Request, Subscribe, Told, Topic,
        broadcast::{self, Broadcast, Window, message_id},
    },
    hidden::is_hidden,
    wire,
};
use futures::executor::block_on;

use super::{
    envelope::{key, signed},
    member,
    network::mesh,
    talk::Talk,
    text::{check_json, parse},
};

/// What the payload of a broadcast is signed for.
const DOMAIN: &str = "airway-event-v1";

/// Hears what a stream is for.
pub fn request(bytes: &[u8]) {
    let mut stream = Talk::new(bytes);
    match block_on(events::receive_request(&mut stream)) {
        Ok(request) => {
            let taken = bytes.len() - stream.heard.len();
            let again = framed(&request);
            assert!(again.len() <= taken, "longer when written again");
            assert_eq!(block_on(events::receive_request(&mut Talk::trickle(&again))).unwrap(), request);
            if let Request::Subscribe(subscribe) = request {
                check_subscribe(&subscribe);
            }
        }
        Err(Error::Ended) => assert!(bytes.is_empty()),
        Err(Error::Wire(_)) => {}
        Err(other) => panic!("a broker cannot fail so: {other}"),
    }
}

/// What holds for every subscription that was read, valid or not.
fn check_subscribe(subscribe: &Subscribe) {
    let count = subscribe.patterns.len();
    assert_eq!(subscribe.validate().is_ok(), (1..=MAX_SUBSCRIBED).contains(&count));
    let all: Patterns = subscribe.patterns.iter().collect();
    assert_eq!(all.is_empty(), count == 0);
    for pattern in &subscribe.patterns {
        // What a pattern becomes with a word in the place of each asterisk.
        let topic: Topic = pattern.as_str().replace("**", "*").replace('*', "x").parse().unwrap();
        assert!(pattern.matches(&topic) && all.matches(&topic), "{pattern} does not mean {topic}");
    }
}

/// Asks for events and takes the input for what the broker says, first and then.
pub fn told(bytes: &[u8]) {
    let what = Subscribe { patterns: vec![Pattern::any()], since: events::Since::Now };
    let mut stream = Talk::new(bytes);
    let answer = block_on(events::subscribe(&mut stream, &what));
    assert_eq!(stream.said, framed(&Request::Subscribe(what)), "what is asked depends on the answer");
    match answer {
        Ok(position) => check_told(&Told::Subscribed(position)),
        Err(Error::Denied(why)) => assert_eq!(Denied::try_from(u8::from(why)), Ok(why)),
        Err(Error::NoAnswer) => assert!(bytes.is_empty()),
        Err(Error::Unexpected | Error::Wire(_)) => {}
        Err(other) => panic!("a subscriber cannot fail so: {other}"),
    }
    let whole = all_told(Talk::new(bytes));
    assert_eq!(whole, all_told(Talk::trickle(bytes)), "the cut of the input shows");
}

/// All that is told up to the end or the first error, and the words of that error.
fn all_told(mut stream: Talk<'_>) -> (Vec<Told>, Option<String>) {
    let mut all = Vec::new();
    loop {
        match block_on(events::told(&mut stream)) {
            Ok(Some(told)) => {
                assert!(!matches!(told, Told::Subscribed(_)), "live twice");
                check_told(&told);
                all.push(told);
            }
            Ok(None) => {
                assert!(stream.heard.is_empty(), "an end before the end");
                return (all, None);
            }
            Err(error) => return (all, Some(error.to_string())),
        }
    }
}

fn check_told(told: &Told) {
    let frame = events::encode(told).unwrap();
    match (told, block_on(events::told(&mut Talk::new(&frame)))) {
        (Told::Subscribed(_), Err(Error::Unexpected)) => {}
        (told, again) => assert_eq!(again.unwrap().as_ref(), Some(told)),
    }
    if let Told::Event(event) = told {
        check_topic(&event.topic);
        assert!(event.payload.len() <= MAX_PAYLOAD);
    }
}

/// Receives all events of a publisher.
pub fn publication(bytes: &[u8]) {
    let whole = publications(Talk::new(bytes));
    assert_eq!(whole, publications(Talk::trickle(bytes)), "the cut of the input shows");
}

fn publications(mut stream: Talk<'_>) -> (Vec<Publication>, Option<String>) {
    let mut all = Vec::new();
    loop {
        match block_on(events::receive_publication(&mut stream)) {
            Ok(Some(publication)) => {
                check_publication(&publication);
                all.push(publication);
            }
            Ok(None) => {
                assert!(stream.heard.is_empty(), "an end before the end");
                return (all, None);
            }
            Err(error) => {
                assert!(matches!(error, Error::Wire(_)), "a broker cannot fail so: {error}");
                return (all, Some(error.to_string()));
            }
        }
    }
}

/// What holds for every publication that was received, valid or not.
fn check_publication(publication: &Publication) {
    check_topic(&publication.topic);
    let valid = publication.validate().is_ok();
    assert_eq!(valid, publication.payload.len() <= MAX_PAYLOAD);
    let mut sent = Talk::new(&[]);
    assert_eq!(block_on(events::publish(&mut sent, publication)).is_ok(), valid);
    if valid {
        assert!(sent.said == framed(publication));
        assert_eq!(
            block_on(events::receive_publication(&mut Talk::new(&sent.said))).unwrap().as_ref(),
            Some(publication)
        );
    }
}

/// Reads what became of a publication.
pub fn published(bytes: &[u8]) {
    let mut stream = Talk::new(bytes);
    match block_on(events::read_published(&mut stream)) {
        Ok(published) => {
            let mut again = Talk::new(&[]);
            block_on(events::answer(&mut again, &published)).unwrap();
            assert!(again.said.len() <= bytes.len() - stream.heard.len(), "longer when written again");
            assert_eq!(block_on(events::read_published(&mut Talk::trickle(&again.said))).unwrap(), published);
        }
        Err(Error::NoAnswer) => assert!(bytes.is_empty()),
        Err(Error::Wire(_)) => {}
        Err(other) => panic!("a publisher cannot fail so: {other}"),
    }
}

/// Reads the envelope of a broadcast.
pub fn broadcast(bytes: &[u8]) {
    if let Ok(broadcast) = read(bytes) {
        assert_eq!(broadcast.as_bytes(), bytes, "a broadcast in two forms");
        check_broadcast(&broadcast);
    }
}

/// Reads a broadcast with this payload, which every member may sign.
pub fn broadcast_payload(payload: &[u8]) {
    let envelope = signed(DOMAIN, payload);
    match read(&envelope) {
        Ok(broadcast) => {
            assert_eq!(broadcast.peer(), key().public().to_peer_id(), "a broadcast by somebody else");
            check_broadcast(&broadcast);
            let (topic, payload) = (broadcast.topic().clone(), broadcast.payload().to_vec());
            let (position, at) = (broadcast.position(), broadcast.at());
            let again =
                Broadcast::sign(&key(), mesh().id(), topic, position, at, payload, broadcast.certificate())
                    .unwrap();
            assert!(again.as_bytes().len() <= envelope.len(), "longer when signed again");
            assert_eq!(again.id() == broadcast.id(), again.as_bytes() == envelope);
        }
        Err(broadcast::Error::Envelope(envelope::Error::TooLarge { size, .. })) => {
            assert!(size == envelope.len() && size > broadcast::MAX_BYTES);
        }
        Err(_) => {}
    }
}

fn read(bytes: &[u8]) -> Result<Broadcast, broadcast::Error> {
    Broadcast::from_bytes(bytes, &mesh().id(), |bytes| Certificate::from_bytes(bytes, &mesh()))
}

/// What holds for every broadcast that was accepted.
fn check_broadcast(broadcast: &Broadcast) {
    assert!(broadcast.as_bytes().len() <= broadcast::MAX_BYTES && broadcast.payload().len() <= MAX_PAYLOAD);
    check_topic(broadcast.topic());
    member::check(broadcast.certificate());
    assert_eq!(AgentId::of_peer(&broadcast.peer()), Ok(broadcast.publisher()));
    assert_eq!(broadcast.id(), message_id(broadcast.as_bytes()));
    let mut window = Window::default();
    assert!(window.take(broadcast.position()) && !window.take(broadcast.position()));
}

/// `builds/airway/done`.
pub fn topic(bytes: &[u8]) {
    let Some((topic, text)) = parse::<Topic>(bytes) else { return };
    assert_eq!(topic.as_str(), text);
    check_topic(&topic);
    assert_eq!(serde_json::from_str::<Topic>(&serde_json::to_string(&topic).unwrap()).unwrap(), topic);
}

/// What holds for every topic.
fn check_topic(topic: &Topic) {
    let text = topic.as_str();
    assert!(text.len() <= MAX_TOPIC && !text.contains('*') && !text.chars().any(is_hidden));
    assert!(topic.segments().all(|segment| !segment.is_empty()));
    // A topic is the pattern that means it alone.
    assert!(text.parse::<Pattern>().unwrap().matches(topic));
}

/// `17.1042`.
pub fn position(bytes: &[u8]) {
    let Some((position, text)) = parse::<Position>(bytes) else { return };
    assert_eq!(position.to_string(), text, "a position in two forms");
    check_json(&position);
}

/// A frame around a message.
fn framed(message: &impl serde::Serialize) -> Vec<u8> {
    wire::frame(&wire::encode(message).unwrap(), EVENT_FRAME).unwrap()
}
