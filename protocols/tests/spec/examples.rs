//! Objects of the golden vectors, byte by byte.

use data_encoding::HEXLOWER;
use libp2p::core::SignedEnvelope;

use super::{
    cbor::annotate,
    document::Example,
    golden::{body, cases, file, unbase64, unhex},
};

/// Bytes in one line.
const WIDTH: usize = 26;

/// Bytes of one item beyond which its middle is left out.
const WHOLE: usize = 3 * WIDTH;

/// Lines of bytes with what they are beside them.
#[derive(Default)]
struct Listing(Vec<(String, String)>);

impl Listing {
    fn add(&mut self, bytes: &[u8], what: &str) {
        self.0.push((HEXLOWER.encode(bytes), what.into()));
    }

    /// A CBOR map, `indent` deep.
    fn cbor(&mut self, bytes: &[u8], indent: usize) {
        self.0.extend(annotate(bytes, indent));
    }

    /// A field of a protobuf message: tag and length, then the contents.
    fn field(&mut self, number: u8, contents: &[u8], what: &str) {
        let mut length = unsigned_varint::encode::usize_buffer();
        let head = [&[number << 3 | 2], unsigned_varint::encode::usize(contents.len(), &mut length)].concat();
        self.add(&head, &format!("field {number}, {} bytes: {what}", contents.len()));
    }

    /// A signed envelope.
    fn envelope(&mut self, bytes: &[u8], payload: &[u8]) {
        let envelope = SignedEnvelope::from_protobuf_encoding(bytes).unwrap();
        assert_eq!(envelope.into_protobuf_encoding(), bytes);
        self.field(1, &bytes[2..38], "public_key");
        self.add(&bytes[2..6], "  type Ed25519, 32 bytes");
        self.add(&bytes[6..38], "  key");
        self.field(2, b"/airway/cbor", "payload_type");
        self.add(b"/airway/cbor", "  \"/airway/cbor\"");
        self.field(3, payload, "payload");
        self.cbor(payload, 2);
        self.field(5, &[0; 64], "signature");
        self.add(&bytes[bytes.len() - 64..], "  over the input of the domain of this object");
    }

    fn text(&self) -> String {
        let lines = self.0.iter().flat_map(|(bytes, what)| {
            let bytes = bytes.replace(' ', "");
            let half = WIDTH * 2;
            let mut parts: Vec<String> = Vec::new();
            if bytes.is_empty() {
                parts.push(String::new());
            } else if bytes.len() > WHOLE * 2 {
                parts.push(format!("{}…{}", &bytes[..half - 9], &bytes[bytes.len() - 8..]));
            } else {
                parts.extend(bytes.as_bytes().chunks(half).map(|part| String::from_utf8_lossy(part).into()));
            }
            let what = |at| if at == 0 { what.as_str() } else { "" };
            let line =
                |(at, part): (usize, String)| format!("{part:half$}  {}", what(at)).trim_end().to_owned();
            parts.into_iter().enumerate().map(line).collect::<Vec<_>>()
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn listing(name: &'static str, make: impl FnOnce(&mut Listing)) -> Example {
    let mut listing = Listing::default();
    make(&mut listing);
    Example { name, text: listing.text() }
}

/// An envelope of the golden vectors.
fn sealed(name: &'static str, bytes: &[u8], domain: &str) -> Example {
    listing(name, |listing| listing.envelope(bytes, &super::golden::payload(bytes, domain)))
}

/// A frame, and raw bytes behind it.
fn framed(name: &'static str, stream: &[u8]) -> Example {
    listing(name, |listing| frame(listing, stream))
}

fn frame(listing: &mut Listing, stream: &[u8]) {
    let body = body(stream);
    let (length, rest) = unsigned_varint::decode::usize(stream).unwrap();
    listing.add(&stream[..stream.len() - rest.len()], &format!("length: {length}"));
    listing.cbor(&body, 2);
    if rest.len() > length {
        listing.add(&rest[length..], "payload, raw");
    }
}

pub(crate) fn examples() -> Vec<Example> {
    let mut examples = objects();
    examples.extend(streams());
    examples.extend(texts());
    examples
}

fn objects() -> Vec<Example> {
    let first = |file: &str, list: &str| unhex(&cases(file, list)[0]["bytes"]);
    let accept = cases("trust.json", "statements").into_iter().find(|case| case["kind"] == 1).unwrap();
    let member =
        cases("certificate.json", "positive").into_iter().find(|case| case["issuer"].is_null()).unwrap();
    vec![
        sealed("card", &first("card.json", "positive"), "airway-card-v1"),
        sealed("request", &first("trust.json", "statements"), "airway-trust-v1"),
        sealed("accept", &unhex(&accept["bytes"]), "airway-trust-v1"),
        listing("genesis", |listing| listing.cbor(&first("network.json", "geneses"), 0)),
        sealed("certificate", &unhex(&member["bytes"]), "airway-member-v1"),
        sealed("revocations", &first("revocations.json", "positive"), "airway-revocations-v1"),
        sealed("claim", &first("claim.json", "claims"), "airway-claim-v1"),
        sealed("broadcast", &first("events.json", "broadcasts"), "airway-event-v1"),
        sealed("receipt", &first("polo.json", "receipts"), "airway-receipt-v1"),
        listing("ticket", |listing| {
            let bytes = unbase64(&cases("trust.json", "tickets")[0]["text"]);
            let (contents, check) = bytes.split_at(bytes.len() - 4);
            listing.cbor(contents, 0);
            listing.add(check, "check");
        }),
        listing("invite", |listing| {
            let bytes = unbase64(&cases("invite.json", "positive")[0]["text"]);
            let (envelope, tail) = bytes.split_at(bytes.len() - 20);
            listing.envelope(envelope, &super::golden::payload(envelope, "airway-invite-v1"));
            listing.add(&tail[..16], "secret");
            listing.add(&tail[16..], "check");
        }),
    ]
}

fn streams() -> Vec<Example> {
    let first = |file: &str, list: &str| unhex(&cases(file, list)[0]["bytes"]);
    let said = |list: &str, says: &str| {
        let case = cases("join.json", list).into_iter().find(|case| case["says"] == says);
        unhex(&case.unwrap()["bytes"])
    };
    vec![
        framed("message", &first("data.json", "messages")),
        framed("message-answer", &first("data.json", "answers")),
        framed("knock", &first("trust.json", "knocks")),
        framed("join", &said("requests", "join as ada")),
        framed("granted", &said("replies", "granted")),
        framed("refused", &said("replies", "refused: another member has that name")),
        framed("hello", &said("hellos", "has list 0")),
        attempt(),
        subscription(),
        errand(),
    ]
}

/// What both sides of a subscription write.
fn subscription() -> Example {
    let first = |list: &str| unhex(&cases("events.json", list)[0]["bytes"]);
    let told = |what: &str| {
        let case = cases("events.json", "told").into_iter().find(|case| !case[what].is_null());
        unhex(&case.unwrap()["bytes"])
    };
    listing("subscription", |listing| {
        listing.0.push((String::new(), "subscriber".into()));
        frame(listing, &first("requests"));
        for what in ["subscribed", "gap", "event"] {
            if what == "subscribed" {
                listing.0.push((String::new(), "broker".into()));
            }
            frame(listing, &told(what));
        }
    })
}

/// A task that is submitted, and reported once.
fn errand() -> Example {
    let said = |list: &str, at: usize| unhex(&cases("tasks.json", list)[at]["bytes"]);
    listing("errand", |listing| {
        let turns = [
            ("requester", said("requests", 0)),
            ("worker", said("answers", 0)),
            ("worker, on a stream of its own", said("requests", 1)),
            ("requester", said("answers", 3)),
        ];
        for (who, bytes) in turns {
            listing.0.push((String::new(), who.into()));
            frame(listing, &bytes);
        }
    })
}

/// All that both sides write when a file goes on where another attempt broke off.
fn attempt() -> Example {
    let attempt = &file("files.json")["attempt"];
    let (sender, receiver) = (unhex(&attempt["sender"]), unhex(&attempt["receiver"]));
    listing("attempt", |listing| {
        let (offer, rest) = take(&sender);
        let (start, rest) = take(rest);
        let (have, answer) = take(&receiver);
        listing.0.push((String::new(), "sender".into()));
        frame(listing, offer);
        listing.0.push((String::new(), "receiver".into()));
        frame(listing, have);
        listing.0.push((String::new(), "sender".into()));
        frame(listing, start);
        // The end is one frame of a digest.
        let end = rest.len() - END;
        listing.add(&rest[..end], "bytes of the file, raw");
        frame(listing, &rest[end..]);
        listing.0.push((String::new(), "receiver".into()));
        frame(listing, answer);
    })
}

/// Bytes of the frame at the end of a file: length, map, key, and a digest of 32 bytes.
const END: usize = 1 + 1 + 7 + 2 + 32;

/// The first frame of a stream, and what follows.
fn take(stream: &[u8]) -> (&[u8], &[u8]) {
    let (length, rest) = unsigned_varint::decode::usize(stream).unwrap();
    stream.split_at(stream.len() - rest.len() + length)
}

/// Texts that people copy.
fn texts() -> Vec<Example> {
    let agent = &cases("address.json", "positive")[0];
    let card = &cases("card.json", "positive")[0];
    let line = |what: &str, of: &serde_json::Value| format!("{what:12} {}", of.as_str().unwrap());
    let identity = [
        "seed",
        "public_key",
        "peer_id",
        "agent_id",
        "agent_id_text",
        "fingerprint",
        "bytes",
        "address",
        "endpoint",
    ]
    .map(|key| format!("{key:14} {}", agent[key].as_str().unwrap()));
    vec![
        Example { name: "identity", text: identity.join("\n") },
        Example { name: "card-text", text: line("card", &card["text"]) },
    ]
}
