//! Statements of trust: as bytes, with a payload that is validly signed whatever it is, and on a stream from both ends;
//! and what they carry.

use airway_protocols::{
    agent::{self, AgentId},
    hidden::{clean, is_hidden},
    knock::{self, Knock},
    port::Port,
    trust::{
        self, Answer, Draft, Error, ExchangeError, Kind, MAX_BYTES, MAX_FRAME, MAX_GENERATION, MAX_PATTERN,
        MAX_PATTERNS, MAX_PORTS, MAX_TEXT, MAX_TIME, Pattern, Ports, Scopes, Statement, StatementId,
    },
    wire,
};
use futures::executor::block_on;

use super::{
    envelope::{key, signed},
    talk::Talk,
    text::{check_json, parse},
    wire::message,
};

/// What the payload of a statement is signed for.
const DOMAIN: &str = "airway-trust-v1";

/// Reads the envelope of a statement.
pub fn bytes(bytes: &[u8]) {
    if let Ok(statement) = Statement::from_bytes(bytes) {
        assert_eq!(statement.as_bytes(), bytes, "a statement in two forms");
        check(&statement);
    }
}

/// Reads a statement with this payload, which everybody may sign for a key of their own.
pub fn payload(payload: &[u8]) {
    let envelope = signed(DOMAIN, payload);
    match Statement::from_bytes(&envelope) {
        Ok(statement) => {
            assert_eq!(statement.as_bytes(), envelope);
            assert_eq!(statement.peer_id(), key().public().to_peer_id(), "a statement by somebody else");
            check(&statement);
            let again = Statement::sign(&key(), &statement.to(), draft(&statement)).unwrap();
            assert!(again.as_bytes().len() <= envelope.len(), "longer when signed again");
            assert_eq!(format!("{:?}", draft(&again)), format!("{:?}", draft(&statement)));
        }
        Err(Error::Envelope(airway_protocols::envelope::Error::TooLarge { size, .. })) => {
            assert!(size == envelope.len() && size > MAX_BYTES);
        }
        Err(Error::Generation(generation)) => assert!(generation > MAX_GENERATION),
        Err(Error::Time(at)) => assert!(at > MAX_TIME),
        Err(Error::Text { found }) => assert!(found > MAX_TEXT),
        Err(_) => {}
    }
}

/// What would be signed to say the same.
fn draft(statement: &Statement) -> Draft {
    Draft {
        kind: statement.kind(),
        generation: statement.generation(),
        at: statement.at(),
        text: statement.text().map(ToOwned::to_owned),
        answers: statement.answers(),
        scopes: statement.scopes().cloned(),
        card: statement.card().cloned(),
    }
}

/// What holds for every statement that was accepted.
fn check(statement: &Statement) {
    assert!(statement.as_bytes().len() <= MAX_BYTES);
    assert!(statement.generation() <= MAX_GENERATION && statement.at() <= MAX_TIME);
    assert!(!agent::is_weak(statement.key()));
    assert_eq!(AgentId::of_peer(&statement.peer_id()), Ok(statement.agent_id()));
    assert!(statement.card().is_none_or(|card| card.agent_id() == statement.agent_id()));
    if let Some(text) = statement.text() {
        assert!(text.len() <= MAX_TEXT);
        let clean = clean(text);
        assert!(!clean.chars().any(is_hidden) && clean.len() <= text.len());
    }
    if let Some(scopes) = statement.scopes() {
        check_scopes(scopes);
    }
    let (answers, scopes) = (statement.answers().is_some(), statement.scopes().is_some());
    let card = statement.card().is_some();
    match statement.kind() {
        Kind::Request => assert!(card && !answers),
        Kind::Accept => assert!(answers),
        Kind::Reject => assert!(answers && !scopes && !card),
        Kind::Revoke => assert!(!scopes && !card),
    }
}

/// Reads scopes, without the statement around them.
pub fn scopes(bytes: &[u8]) {
    let Some(scopes) = message::<Scopes>(bytes) else { return };
    let json = serde_json::to_string(&scopes).unwrap();
    assert_eq!(serde_json::from_str::<Scopes>(&json).unwrap(), scopes);
    if scopes.validate().is_ok() {
        check_scopes(&scopes);
    }
}

/// What holds for scopes within their limits.
fn check_scopes(scopes: &Scopes) {
    assert!(scopes.publish.len() <= MAX_PATTERNS && scopes.subscribe.len() <= MAX_PATTERNS);
    assert!(scopes.until.is_none_or(|until| until <= MAX_TIME && scopes.have_ended(until)));
    assert!(scopes.admits(&Port::ECHO.protocol()) && scopes.admits(&trust::PROTOCOL));
    assert!(!scopes.admits(&knock::PROTOCOL));
    assert!(scopes.admits(&Port::TASKS.protocol()));
    if let Ports::Only(ports) = &scopes.ports {
        assert!(ports.len() <= MAX_PORTS);
        let by_number = |port: &&Port| !port.is_reserved() || **port == Port::DATA;
        assert!(ports.iter().filter(by_number).all(|port| scopes.admits(&port.protocol())));
    }
}

/// `builds/*/done`.
pub fn pattern(bytes: &[u8]) {
    let Some((pattern, text)) = parse::<Pattern>(bytes) else { return };
    assert!(pattern.as_str() == text && (1..=MAX_PATTERN).contains(&text.len()));
    assert!(!text.chars().any(is_hidden) && !text.split('/').any(str::is_empty));
    assert!(text.split('/').all(|segment| matches!(segment, "*" | "**") || !segment.contains('*')));
    assert_eq!(serde_json::from_str::<Pattern>(&serde_json::to_string(&pattern).unwrap()).unwrap(), pattern);
}

/// 52 characters of base32, in either case.
pub fn statement_id(bytes: &[u8]) {
    let Some((id, text)) = parse::<StatementId>(bytes) else { return };
    assert_eq!(id.to_string(), text.to_ascii_lowercase());
    assert_eq!(StatementId::from_bytes(*id.as_bytes()), id);
    check_json(&id);
}

/// Tells a statement and takes the input for the answer.
pub fn answer(bytes: &[u8]) {
    let statement = statement();
    let mut stream = Talk::new(bytes);
    let answered = block_on(trust::tell(&mut stream, &statement));
    let told = wire::frame(statement.as_bytes(), MAX_FRAME).unwrap();
    assert_eq!(stream.said, told, "what is told depends on the answer");
    match answered {
        Ok(answer) => {
            assert_eq!(Answer::try_from(u8::from(answer)), Ok(answer));
            let mut responder = Talk::new(&[]);
            block_on(trust::answer(&mut responder, answer)).unwrap();
            assert!(responder.said.len() <= bytes.len(), "longer when written again");
            assert_eq!(block_on(trust::tell(&mut Talk::new(&responder.said), &statement)).unwrap(), answer);
        }
        Err(ExchangeError::NoAnswer) => assert!(bytes.is_empty()),
        Err(ExchangeError::Wire(_)) => {}
        Err(other) => panic!("an opener cannot fail so: {other}"),
    }
}

fn statement() -> Statement {
    let answers = None;
    let draft =
        Draft { kind: Kind::Revoke, generation: 1, at: 1, text: None, answers, scopes: None, card: None };
    Statement::sign(&key(), &AgentId::from_bytes([9; 32]), draft).unwrap()
}

/// Hears a statement, answers, and hears no more.
pub fn hear(bytes: &[u8]) {
    let mut stream = Talk::new(bytes);
    let whole = block_on(trust::hear(&mut stream));
    match &whole {
        Ok(envelope) => {
            assert!(envelope.len() <= MAX_FRAME);
            self::bytes(envelope);
            let more = !stream.heard.is_empty();
            match block_on(trust::answer(&mut stream, Answer::Taken)) {
                Ok(()) => assert!(!more, "an end before the end"),
                Err(ExchangeError::Trailing) => assert!(more),
                Err(other) => panic!("bytes in memory cannot fail so: {other}"),
            }
        }
        Err(ExchangeError::Ended) => assert!(bytes.is_empty()),
        Err(ExchangeError::Wire(_)) => {}
        Err(other) => panic!("a responder cannot fail so: {other}"),
    }
    let trickled = block_on(trust::hear(&mut Talk::trickle(bytes)));
    assert_eq!(whole.ok(), trickled.ok(), "the cut of the input shows");
}

/// Hears a knock and answers it; and takes the input for the answer to one.
pub fn knock(bytes: &[u8]) {
    let mut stream = Talk::new(bytes);
    match block_on(knock::hear(&mut stream)) {
        Ok(knock) => {
            self::bytes(&knock.statement);
            let more = !stream.heard.is_empty();
            assert_eq!(block_on(knock::answer(&mut stream)).is_err(), more);
            assert_eq!(stream.said, [1, 0xA0], "an answer that says something");

            let mut opener = Talk::new(&stream.said);
            block_on(knock::knock(&mut opener, &knock)).unwrap();
            assert!(opener.said.len() <= bytes.len(), "longer when written again");
            assert_eq!(block_on(knock::hear(&mut Talk::new(&opener.said))).unwrap(), knock);
        }
        Err(knock::Error::Ended) => assert!(bytes.is_empty()),
        Err(knock::Error::Wire(_)) => {}
        Err(other) => panic!("a responder cannot fail so: {other}"),
    }
    let knock = Knock { statement: vec![], ticket: None };
    match block_on(knock::knock(&mut Talk::new(bytes), &knock)) {
        Ok(()) => assert!(bytes.len() >= 2),
        Err(knock::Error::NoAnswer) => assert!(bytes.is_empty()),
        Err(knock::Error::Wire(_)) => {}
        Err(other) => panic!("an opener cannot fail so: {other}"),
    }
}
