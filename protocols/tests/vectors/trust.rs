use airway_protocols::{
    agent::AgentId,
    card::Card,
    envelope::PAYLOAD_TYPE,
    knock::{self, Knock, Proof},
    port::Port,
    ticket::{self, Ticket, TicketId},
    trust::{
        self, Answer, Draft, Kind, MAX_GENERATION, MAX_TEXT, MAX_TIME, Pattern, Ports, Scopes, Statement,
        StatementId,
    },
    wire,
};
use futures::{executor::block_on, io::Cursor};
use serde::Serialize;
use serde_bytes::ByteBuf;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::{
    envelope::forged,
    support::{RefusedBytes, RefusedText, golden, hex, key, refused_texts, why},
};

const DOMAIN: &str = "airway-trust-v1";
const AT: u64 = 1_700_000_000_000;

#[derive(Serialize)]
struct Vectors {
    about: &'static str,
    statements: Vec<Signed>,
    refused_statements: Vec<RefusedBytes>,
    patterns: [&'static str; 6],
    refused_patterns: Vec<RefusedText>,
    scopes: Vec<Scoped>,
    refused_scopes: Vec<RefusedBytes>,
    told: String,
    answers: Vec<Answered>,
    refused_answers: Vec<RefusedBytes>,
    knocks: Vec<Knocked>,
    knock_answer: String,
    refused_knocks: Vec<RefusedBytes>,
    tickets: Vec<Ticketed>,
    refused_tickets: Vec<RefusedText>,
}

#[derive(Serialize)]
struct Signed {
    seed: String,
    to: String,
    kind: u8,
    generation: u64,
    at: u64,
    text: Option<String>,
    answers: Option<String>,
    scopes: Option<Scopes>,
    card: Option<String>,
    bytes: String,
    id: String,
}

#[derive(Serialize)]
struct Scoped {
    scopes: Scopes,
    bytes: String,
    admits: Vec<u16>,
}

#[derive(Serialize)]
struct Answered {
    answer: u8,
    bytes: String,
}

#[derive(Serialize)]
struct Knocked {
    statement: String,
    ticket: Option<String>,
    proof: Option<String>,
    bytes: String,
}

#[derive(Serialize)]
struct Ticketed {
    card: String,
    id: String,
    secret: String,
    expires: u64,
    text: String,
    statement: String,
    proof: String,
}

/// The payload of a statement, free to break the rules.
#[derive(Serialize)]
struct Payload {
    version: u64,
    kind: u64,
    #[serde(with = "serde_bytes")]
    from: [u8; 32],
    to: ByteBuf,
    generation: u64,
    at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<ByteBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Scopes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<ByteBuf>,
}

fn public(seed: u8) -> [u8; 32] {
    key(seed).public().try_into_ed25519().unwrap().to_bytes()
}

fn bob() -> AgentId {
    AgentId::of(&key(2).public().try_into_ed25519().unwrap())
}

fn card(seed: u8) -> Card {
    Card::sign(&key(seed), 0, 0, None, &["/ip4/192.0.2.1/udp/4001/quic-v1".parse().unwrap()]).unwrap()
}

fn scopes() -> Scopes {
    let ports = [80, 1001].map(port).into();
    let publish = vec!["builds/*/done".parse().unwrap()];
    let (subscribe, until) = (vec![Pattern::any()], Some(AT + 86_400_000));
    Scopes { ports: Ports::Only(ports), publish, subscribe, submit: true, until }
}

fn port(number: u16) -> Port {
    number.try_into().unwrap()
}

fn draft(kind: Kind, answers: Option<StatementId>) -> Draft {
    Draft { kind, generation: 1, at: AT, text: None, answers, scopes: None, card: None }
}

fn request() -> Statement {
    let draft = Draft { card: Some(card(1)), ..draft(Kind::Request, None) };
    Statement::sign(&key(1), &bob(), draft).unwrap()
}

fn signed(seed: u8, draft: &Draft) -> Signed {
    let statement = Statement::sign(&key(seed), &bob(), draft.clone()).unwrap();
    assert_eq!(Statement::from_bytes(statement.as_bytes()).unwrap(), statement);
    Signed {
        seed: hex([seed; 32]),
        to: hex(bob().as_bytes()),
        kind: draft.kind.into(),
        generation: draft.generation,
        at: draft.at,
        text: draft.text.clone(),
        answers: draft.answers.map(|id| hex(id.as_bytes())),
        scopes: draft.scopes.clone(),
        card: draft.card.as_ref().map(ToString::to_string),
        bytes: hex(statement.as_bytes()),
        id: hex(statement.id().as_bytes()),
    }
}

fn statements() -> Vec<Signed> {
    let full = Draft {
        text: Some("grüße, 山\nlet me in".into()),
        scopes: Some(scopes()),
        card: Some(card(1)),
        ..draft(Kind::Request, None)
    };
    let answers = Some(request().id());
    let largest = Draft { generation: MAX_GENERATION, at: MAX_TIME, ..draft(Kind::Revoke, None) };
    vec![
        signed(1, &Draft { card: Some(card(1)), ..draft(Kind::Request, None) }),
        signed(1, &full),
        signed(3, &draft(Kind::Accept, answers)),
        signed(
            3,
            &Draft { scopes: Some(Scopes::nothing()), card: Some(card(3)), ..draft(Kind::Accept, answers) },
        ),
        signed(3, &Draft { text: Some("no".into()), ..draft(Kind::Reject, answers) }),
        signed(3, &draft(Kind::Revoke, answers)),
        signed(3, &Draft { text: Some(String::new()), ..largest }),
    ]
}

/// A statement of key 1, validly signed, after `change`. Of the kinds, a revoke breaks the fewest rules by itself.
fn broken(change: fn(&mut Payload)) -> Vec<u8> {
    forged(&key(1), DOMAIN, PAYLOAD_TYPE, wire::encode(&payload(change)).unwrap())
}

fn payload(change: fn(&mut Payload)) -> Payload {
    let mut payload = Payload {
        version: 1,
        kind: Kind::Revoke as u64,
        from: public(1),
        to: ByteBuf::from(*bob().as_bytes()),
        generation: 1,
        at: AT,
        text: None,
        answers: None,
        scopes: None,
        card: None,
    };
    change(&mut payload);
    payload
}

/// An envelope of the key that is the neutral point, with the signature that fits everything under it.
fn weak() -> Vec<u8> {
    let field = |tag: u8, bytes: &[u8]| {
        let length = wire::frame(bytes, wire::CONTROL_FRAME).unwrap();
        [&[tag], &length[..]].concat()
    };
    let neutral = [&[1][..], &[0; 31]].concat();
    let mut payload = payload(|_| {});
    payload.from.copy_from_slice(&neutral);
    let public = [&[0x08, 0x01][..], &field(0x12, &neutral)].concat();
    let parts = [
        field(0x0A, &public),
        field(0x12, PAYLOAD_TYPE),
        field(0x1A, &wire::encode(&payload).unwrap()),
        field(0x2A, &[&neutral[..], &[0; 32]].concat()),
    ];
    parts.concat()
}

fn refused_statements() -> Vec<RefusedBytes> {
    let mut altered = broken(|_| {});
    assert!(Statement::from_bytes(&altered).is_ok());
    *altered.last_mut().unwrap() ^= 1;
    let cut = request().as_bytes()[..100].to_vec();
    let foreign = forged(&key(1), "airway-card-v1", PAYLOAD_TYPE, wire::encode(&payload(|_| {})).unwrap());
    let mut refused = vec![
        vec![],
        cut,
        altered,
        foreign,
        forged(&key(2), DOMAIN, PAYLOAD_TYPE, wire::encode(&payload(|_| {})).unwrap()),
        weak(),
        card(1).as_bytes().to_vec(),
    ];
    let changes: [fn(&mut Payload); 21] = [
        |p| p.version = 2,
        |p| p.kind = 4,
        |p| p.kind = 256,
        |p| p.to = ByteBuf::from([0; 31]),
        |p| p.generation = MAX_GENERATION + 1,
        |p| p.generation = u64::MAX,
        |p| p.at = MAX_TIME + 1,
        |p| p.text = Some("x".repeat(MAX_TEXT + 1)),
        |p| p.text = Some("x".repeat(trust::MAX_BYTES)),
        |p| p.answers = Some(ByteBuf::from([5; 33])),
        |p| p.scopes = Some(Scopes::everything()),
        |p| p.card = Some(ByteBuf::from(card(1).as_bytes())),
        |p| p.kind = Kind::Request as u64,
        |p| (p.kind, p.card) = (Kind::Request as u64, Some(ByteBuf::from(card(2).as_bytes()))),
        |p| (p.kind, p.card) = (Kind::Request as u64, Some(ByteBuf::from([0xFF]))),
        |p| {
            p.answers = Some(ByteBuf::from([5; 32]));
            (p.kind, p.card) = (Kind::Request as u64, Some(ByteBuf::from(card(1).as_bytes())));
        },
        |p| p.kind = Kind::Accept as u64,
        |p| p.kind = Kind::Reject as u64,
        |p| {
            p.answers = Some(ByteBuf::from([5; 32]));
            (p.kind, p.scopes) = (Kind::Reject as u64, Some(Scopes::nothing()));
        },
        |p| {
            p.answers = Some(ByteBuf::from([5; 32]));
            (p.kind, p.card) = (Kind::Reject as u64, Some(ByteBuf::from(card(1).as_bytes())));
        },
        |p| {
            let publish = vec![Pattern::any(); trust::MAX_PATTERNS + 1];
            p.answers = Some(ByteBuf::from([5; 32]));
            (p.kind, p.scopes) = (Kind::Accept as u64, Some(Scopes { publish, ..Scopes::nothing() }));
        },
    ];
    refused.extend(changes.map(broken));
    let refuse = |bytes: Vec<u8>| {
        let error = Statement::from_bytes(&bytes).unwrap_err();
        RefusedBytes { bytes: hex(bytes), why: why(&error) }
    };
    refused.into_iter().map(refuse).collect()
}

fn scoped(scopes: Scopes) -> Scoped {
    let bytes = wire::encode(&scopes).unwrap();
    assert_eq!(wire::decode::<Scopes>(&bytes).unwrap(), scopes);
    let ports = [7, 80, 81, 444, 1000, 1001, 1002, 1003];
    let admits = ports.into_iter().filter(|number| scopes.admits(&port(*number).protocol())).collect();
    Scoped { scopes, bytes: hex(bytes), admits }
}

fn refused_scopes() -> Vec<RefusedBytes> {
    #[derive(Serialize)]
    struct Raw<P, T> {
        ports: P,
        publish: [T; 1],
        subscribe: [T; 0],
        submit: bool,
    }
    let raw =
        |ports: &[u16]| wire::encode(&Raw { ports, publish: ["a"], subscribe: [], submit: false }).unwrap();
    let word =
        |word| wire::encode(&Raw { ports: word, publish: ["a"], subscribe: [], submit: false }).unwrap();
    let topic =
        |topic| wire::encode(&Raw { ports: "all", publish: [topic], subscribe: [], submit: false }).unwrap();
    assert!(wire::decode::<Scopes>(&raw(&[80])).is_ok() && wire::decode::<Scopes>(&word("all")).is_ok());
    [raw(&[0]), raw(&[80, 80]), word("none"), topic(""), topic("a//b"), topic("a*"), vec![0xA0]]
        .map(|bytes| {
            let error = wire::decode::<Scopes>(&bytes).unwrap_err();
            RefusedBytes { bytes: hex(bytes), why: why(&error) }
        })
        .into()
}

/// What both sides write when `request` is told.
fn told(answer: &[u8]) -> (Vec<u8>, Result<Answer, trust::ExchangeError>) {
    let mut said = Cursor::new(Vec::new());
    let answered = {
        let mut stream = tokio::io::join(answer, tokio::io::sink()).compat();
        block_on(trust::tell(&mut stream, &request()))
    };
    block_on(wire::write_frame(&mut said, request().as_bytes(), trust::MAX_FRAME)).unwrap();
    let bytes = said.into_inner();
    assert_eq!(block_on(trust::hear(&mut Cursor::new(&bytes))).unwrap(), request().as_bytes());
    (bytes, answered)
}

fn answered(answer: Answer) -> Answered {
    let mut bytes = Vec::new();
    let mut stream = tokio::io::join(&[][..], &mut bytes).compat();
    block_on(trust::answer(&mut stream, answer)).unwrap();
    assert_eq!(told(&bytes).1.unwrap(), answer);
    Answered { answer: answer.into(), bytes: hex(bytes) }
}

fn refused_answers() -> Vec<RefusedBytes> {
    #[derive(Serialize)]
    struct Raw {
        answer: u64,
    }
    let raw = |answer| wire::frame(&wire::encode(&Raw { answer }).unwrap(), wire::CONTROL_FRAME).unwrap();
    [vec![], raw(3), raw(256), vec![1, 0xA0], vec![0x81, 0x20]]
        .map(|bytes| RefusedBytes { why: why(&told(&bytes).1.unwrap_err()), bytes: hex(bytes) })
        .into()
}

fn knocked(knock: &Knock) -> Knocked {
    let bytes = wire::frame(&wire::encode(knock).unwrap(), trust::MAX_FRAME).unwrap();
    assert_eq!(block_on(knock::hear(&mut Cursor::new(&bytes))).unwrap(), *knock);
    Knocked {
        statement: hex(&knock.statement),
        ticket: knock.ticket.map(|proof| hex(proof.ticket.as_bytes())),
        proof: knock.ticket.map(|proof| hex(proof.proof)),
        bytes: hex(bytes),
    }
}

fn knock_answer() -> String {
    let mut bytes = Vec::new();
    block_on(knock::answer(&mut tokio::io::join(&[][..], &mut bytes).compat())).unwrap();
    let mut stream = tokio::io::join(&bytes[..], tokio::io::sink()).compat();
    block_on(knock::knock(&mut stream, &Knock { statement: vec![], ticket: None })).unwrap();
    hex(bytes)
}

fn refused_knocks() -> Vec<RefusedBytes> {
    #[derive(Serialize)]
    struct Raw {
        statement: ByteBuf,
        ticket: RawProof,
    }
    #[derive(Serialize)]
    struct RawProof {
        ticket: ByteBuf,
        proof: ByteBuf,
    }
    let raw = |ticket: &[u8], proof: &[u8]| {
        let ticket = RawProof { ticket: ByteBuf::from(ticket), proof: ByteBuf::from(proof) };
        let knock = Raw { statement: ByteBuf::from([1]), ticket };
        wire::frame(&wire::encode(&knock).unwrap(), trust::MAX_FRAME).unwrap()
    };
    assert!(block_on(knock::hear(&mut Cursor::new(raw(&[0; 8], &[0; 32])))).is_ok());
    [vec![], vec![1, 0xA0], vec![0x81, 0x40], raw(&[0; 7], &[0; 32]), raw(&[0; 8], &[0; 31]), vec![9, 0xA1]]
        .map(|bytes| {
            let error = block_on(knock::hear(&mut Cursor::new(&bytes))).unwrap_err();
            RefusedBytes { bytes: hex(bytes), why: why(&error) }
        })
        .into()
}

fn proof() -> Proof {
    ticket_of(1, [0xA7; 16], AT).prove(&request().id())
}

fn ticket_of(seed: u8, secret: [u8; 16], expires: u64) -> Ticket {
    Ticket::new(card(seed), TicketId::from_bytes([1, 2, 3, 4, 5, 6, 7, 8]), secret, expires)
}

fn ticketed(ticket: &Ticket) -> Ticketed {
    let text = ticket.to_string();
    assert_eq!(text.parse::<Ticket>().unwrap().to_string(), text);
    let statement = request().id();
    let Proof { proof, .. } = ticket.prove(&statement);
    assert!(ticket::verify(ticket.secret(), &statement, &proof));
    Ticketed {
        card: ticket.card().to_string(),
        id: hex(ticket.id().as_bytes()),
        secret: hex(ticket.secret()),
        expires: ticket.expires(),
        text,
        statement: hex(statement.as_bytes()),
        proof: hex(proof),
    }
}

fn refused_tickets() -> Vec<RefusedText> {
    let good = ticket_of(2, [0; 16], AT).to_string();
    let texts = [
        String::new(),
        "hello".to_owned(),
        card(2).to_string(),
        ticket::PREFIX.to_owned(),
        good.replacen(ticket::PREFIX, "airway-pair: ", 1),
        good.to_uppercase(),
        good[..good.len() - 1].to_owned(),
        good[..good.len() / 2].to_owned(),
        format!("{good}AA"),
        good.replacen(&good[40..42], "__", 1),
        format!("{}{}", ticket::PREFIX, "A".repeat(3_000)),
        // The empty map, with its digest.
        "airway-pair:oMGaeX8".to_owned(),
    ];
    refused_texts::<Ticket>(&texts.each_ref().map(String::as_str))
}

#[test]
fn trust_is_as_written() {
    let patterns = ["*", "**", "a", "a/b c/grüße", "*/a/*", "a/**"];
    for pattern in patterns {
        assert_eq!(pattern.parse::<Pattern>().unwrap().as_str(), pattern);
    }
    let long = "a".repeat(trust::MAX_PATTERN + 1);
    let bad_patterns = ["", "/", "a/", "/a", "a//b", "a*", "***", "**/a", "a\nb", "a\u{202e}b", &long];
    let plain = Knock { statement: request().as_bytes().to_vec(), ticket: None };
    golden(
        "trust.json",
        &Vectors {
            about: "Trust, /airway/trust/1.0.0 and /airway/knock/1.0.0: statements are signed envelopes in the domain \
                    airway-trust-v1, and their id is SHA-256 of airway-trust-id-v1, a zero byte and the envelope. That \
                    a statement is to the reader, and from the peer that it came from, is for the reader to check. \
                    Scopes admit the listed ports of 7, 80, 81, 444, 1000, 1001, 1002 and 1003. Told is what the \
                    opener of a stream writes, answers are what the responder does. A ticket's text is CBOR and the \
                    first four bytes of its SHA-256; the proof is HMAC-SHA256 under the secret, of airway-ticket-v1, a \
                    zero byte and the id of the statement.",
            statements: statements(),
            refused_statements: refused_statements(),
            patterns,
            refused_patterns: refused_texts::<Pattern>(&bad_patterns),
            scopes: [Scopes::everything(), Scopes::nothing(), scopes()].map(scoped).into(),
            refused_scopes: refused_scopes(),
            told: hex(told(&[]).0),
            answers: [Answer::Taken, Answer::Invalid, Answer::Failed].map(answered).into(),
            refused_answers: refused_answers(),
            knocks: [plain.clone(), Knock { ticket: Some(proof()), ..plain }].iter().map(knocked).collect(),
            knock_answer: knock_answer(),
            refused_knocks: refused_knocks(),
            tickets: [ticket_of(1, [0xA7; 16], AT), ticket_of(2, [0; 16], 0)].iter().map(ticketed).collect(),
            refused_tickets: refused_tickets(),
        },
    );
}
