use airway_protocols::{
    agent::AgentId,
    card::Card,
    knock::Knock,
    port::Port,
    trust::{self, Answer, Draft, Kind, Pattern, Ports, Scopes, Statement, StatementId},
    wire,
};
use futures::{executor::block_on, io::Cursor};
use serde::Serialize;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::support::{RefusedBytes, RefusedText, golden, hex, key, refused_texts, why};

mod knocks;
mod statements;

use knocks::{
    Knocked, Ticketed, knock_answer, knocked, proof, refused_knocks, refused_tickets, ticket_of, ticketed,
};
use statements::{Signed, refused_statements, statements};

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
