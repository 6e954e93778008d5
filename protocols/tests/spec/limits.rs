//! Limits and times, each from the constant that the code goes by.

use airway_protocols::{
    address, admit, card, certificate,
    claim::{self, fetch},
    data,
    events::{self, broadcast},
    files, invite, join, knock, name, network, perf, polo, revocations,
    streams::Limits,
    tag, tasks, ticket, trust, wire,
};

use libp2p::StreamProtocol;

use super::{document::Table, source};
use crate::row;

pub(crate) fn tables() -> Vec<Table> {
    vec![
        objects(),
        frames(),
        counts(),
        occupied(),
        times(),
        kademlia(),
        gossipsub(),
        providers(),
        served_by_relays(),
    ]
}

fn lines<T: ToString>(name: &'static str, lines: &[(&str, T)]) -> Table {
    Table { name, rows: lines.iter().map(|(what, value)| row![what, value.to_string()]).collect() }
}

fn objects() -> Table {
    lines(
        "object-limits",
        &[
            ("card", card::MAX_BYTES),
            ("statement", trust::MAX_BYTES),
            ("certificate", certificate::MAX_BYTES),
            ("revocation list", revocations::MAX_BYTES),
            ("claim", claim::MAX_BYTES),
            ("invite, envelope", invite::MAX_BYTES - invite::SECRET_BYTES - 4),
            ("invite, all bytes of the text", invite::MAX_BYTES),
            ("ticket, all bytes of the text", ticket::MAX_BYTES),
            ("genesis", network::MAX_BYTES),
            ("set of claims", claim::set::MAX_VALUE),
            ("claim of work", polo::claim::MAX_BYTES),
            ("receipt", polo::receipt::MAX_BYTES),
            ("head of chains", polo::head::MAX_BYTES),
            ("broadcast", broadcast::MAX_BYTES),
            ("RPC of gossipsub", broadcast::MAX_TRANSMIT),
        ],
    )
}

fn frames() -> Table {
    let (control, statement) = (wire::CONTROL_FRAME, trust::MAX_FRAME);
    let line = |protocol: StreamProtocol, frame: &str, cap: usize| row![format!("`{protocol}`"), frame, cap];
    Table {
        name: "frame-limits",
        rows: vec![
            line(data::PROTOCOL, "header, answer", control),
            line(files::PROTOCOL, "offer, reply, start, end", control),
            line(events::PROTOCOL, "request", events::REQUEST_FRAME),
            line(events::PROTOCOL, "what is told, publication", events::EVENT_FRAME),
            line(events::PROTOCOL, "answer", control),
            line(tasks::PROTOCOL, "request, answer", tasks::FRAME),
            line(perf::PROTOCOL, "request, answer", control),
            line(trust::PROTOCOL, "statement", statement),
            line(trust::PROTOCOL, "answer", control),
            line(knock::PROTOCOL, "knock", statement),
            line(knock::PROTOCOL, "answer", control),
            line(join::PROTOCOL, "request", control),
            line(join::PROTOCOL, "reply", join::MAX_REPLY),
            line(admit::PROTOCOL, "hello, answer", control),
            line(admit::PROTOCOL, "revocation list", revocations::MAX_BYTES),
            line(fetch::PROTOCOL, "request, answer", control),
        ],
    }
}

fn counts() -> Table {
    lines(
        "counts",
        &[
            ("nesting of CBOR, levels", wire::cbor::MAX_DEPTH as u64),
            ("address nonce, highest", address::MAX_NONCE.into()),
            ("name, characters", name::MAX_LENGTH as u64),
            ("tag, characters", tag::MAX_LENGTH as u64),
            ("tags of a claim", tag::MAX_TAGS as u64),
            ("file name, bytes", files::FileName::MAX_BYTES as u64),
            ("file, bytes", files::MAX_SIZE),
            ("message payload, bytes", data::MAX_PAYLOAD as u64),
            ("perf, bytes each way", perf::MAX_BYTES),
            ("multiaddrs of a card", card::MAX_ADDRESSES as u64),
            ("multiaddr of a card, bytes", card::MAX_ADDRESS_BYTES as u64),
            ("text of a statement, bytes", trust::MAX_TEXT as u64),
            ("ports in scopes", trust::MAX_PORTS as u64),
            ("patterns in each list of scopes", trust::MAX_PATTERNS as u64),
            ("pattern, bytes", trust::MAX_PATTERN as u64),
            ("topic, bytes", events::MAX_TOPIC as u64),
            ("patterns of a subscription", events::MAX_SUBSCRIBED as u64),
            ("payload of an event, bytes", events::MAX_PAYLOAD as u64),
            ("description of a task, bytes", tasks::MAX_DESCRIPTION as u64),
            ("content that stands with a task or a result, bytes", tasks::MAX_INLINE as u64),
            ("body of a task, bytes", tasks::MAX_BODY as u64),
            ("text about a task, bytes", tasks::MAX_TEXT as u64),
            ("claim in a report, bytes", tasks::MAX_CLAIM as u64),
            ("receipts in an answer", tasks::MAX_RECEIPTS as u64),
            ("limit of a task, ms, least", tasks::MIN_LIMIT),
            ("limit of a task, ms, greatest", tasks::MAX_LIMIT),
            ("positions of an author that are remembered", broadcast::WINDOW),
            ("generation, highest", trust::MAX_GENERATION),
            ("time, highest", trust::MAX_TIME),
            ("secret of a ticket, bytes", ticket::SECRET_BYTES as u64),
            ("secret of an invite, bytes", invite::SECRET_BYTES as u64),
            ("bootstraps of an invite", invite::MAX_BOOTSTRAPS as u64),
            ("bootstrap of an invite, bytes", invite::MAX_BOOTSTRAP_BYTES as u64),
            ("cards in a reply of join", join::MAX_CARDS as u64),
            ("agents of a revocation list", revocations::MAX_AGENTS as u64),
            ("number of a revocation list, highest", revocations::MAX_VERSION),
            ("number in a claim of work, a receipt or a head, highest", polo::MAX_NUMBER),
            ("pairs of a head", polo::head::MAX_PAIRS as u64),
            ("receipts of an export", polo::export::MAX_RECEIPTS as u64),
            ("line of an export, bytes", polo::export::MAX_LINE as u64),
            ("claims of one set", claim::set::MAX_CLAIMS as u64),
            ("claims of one address or name", claim::set::MAX_RIVALS as u64),
        ],
    )
}

/// A constant of some file: a number, or a time in milliseconds.
fn constants(name: &'static str, lines: &[(&str, &str, &str)]) -> Table {
    let line = |(what, file, constant): &(&str, &str, &str)| {
        row![what, source::number(file, constant), format!("`{constant}` in `{file}`")]
    };
    Table { name, rows: lines.iter().map(line).collect() }
}

fn occupied() -> Table {
    let limits = Limits::default();
    let streams = |what: &str, value: usize, field: &str| {
        row![what, value, format!("`Limits::{field}` in `protocols/src/streams.rs`")]
    };
    let mut table = constants(
        "occupied",
        &[
            ("connections of strangers", "node/src/net/lobby.rs", "MAX_STRANGERS"),
            ("the same, at a relay server", "node/src/net/lobby.rs", "MAX_CLIENTS"),
            ("connections of one peer", "node/src/net/behaviour.rs", "PER_PEER"),
            ("streams that wait at a door", "node/src/door.rs", "QUEUE"),
            ("message streams of one peer", "node/src/services/data/receive.rs", "STREAMS_PER_PEER"),
            ("messages of a stream in line for the disk", "node/src/services/data/receive.rs", "TOGETHER"),
            ("file streams of one peer", "node/src/services/files/receive.rs", "FILES_PER_PEER"),
            ("file streams in all", "node/src/services/files/receive.rs", "FILES"),
            ("event streams of one peer", "node/src/services/events/broker.rs", "STREAMS_PER_PEER"),
            ("perf runs in all, one of each peer", "node/src/services/perf.rs", "RUNS"),
        ],
    );
    table
        .rows
        .insert(0, streams("streams of one peer, inbound", limits.inbound_per_peer, "inbound_per_peer"));
    table
        .rows
        .insert(1, streams("streams to one peer, outbound", limits.outbound_per_peer, "outbound_per_peer"));
    table
}

fn times() -> Table {
    let mut table = constants(
        "times",
        &[
            ("clocks may differ by", "protocols/src/network.rs", "CLOCK_SKEW"),
            ("a statement may be ahead by", "protocols/src/trust.rs", "MAX_AHEAD"),
            ("a request counts for", "node/src/trust/turn.rs", "PENDING_FOR"),
            ("accept, reject and revoke are said for", "node/src/trust/turn.rs", "KEEP_SAYING"),
            ("first repetition of what reached nobody", "node/src/trust/courier.rs", "FIRST_RETRY"),
            ("first repetition of a request that was heard", "node/src/trust/courier.rs", "FIRST_REMINDER"),
            ("longest wait between repetitions", "node/src/trust/courier.rs", "LONGEST"),
            ("one attempt to say a statement", "node/src/trust/courier.rs", "ATTEMPT"),
            ("a knock is answered after", "node/src/trust/doors.rs", "ANSWER_AFTER"),
            ("a knock or statement comes in within", "node/src/trust/doors.rs", "EXCHANGE"),
            ("a refusal in silence closes after", "node/src/mesh/admission.rs", "SILENCE"),
            ("an exchange of join or admit", "node/src/mesh/admission.rs", "EXCHANGE"),
            ("a stranger's connection", "node/src/net/lobby.rs", "STAY"),
            ("a ticket, unless told otherwise", "node/src/trust/pair.rs", "TICKET_LIFE"),
            ("a ticket, at most", "node/src/trust/pair.rs", "MAX_TICKET_LIFE"),
            ("a claim lives at most", "protocols/src/claim.rs", "LIFE"),
            ("a claim is renewed after, ± 10 %", "node/src/mesh/publish.rs", "RENEWAL"),
            ("news of expulsions are asked for every, ± 20 %", "node/src/mesh/bootstrap.rs", "HEARTBEAT"),
            ("a message comes in within", "node/src/services/data/receive.rs", "MESSAGE_TIME"),
            ("an answer to it goes out within", "node/src/services/data/receive.rs", "ANSWER_TIME"),
            (
                "an answer is awaited, and 1 s for each 17 KiB",
                "node/src/services/outbox/messages.rs",
                "PATIENCE",
            ),
            ("a file stream stands still", "node/src/services/files.rs", "IDLE"),
            ("a digest or a sync of a file", "node/src/services/files.rs", "DISK_TIME"),
            (
                "the request of an event stream comes in within",
                "node/src/services/events/broker.rs",
                "REQUEST_TIME",
            ),
            ("a subscriber takes no byte for", "node/src/services/events/broker.rs", "STALLED"),
            ("a publisher says nothing for", "node/src/services/events/broker.rs", "IDLE"),
            ("a perf run stands still", "node/src/services/perf.rs", "IDLE"),
            ("a perf run in all", "node/src/services/perf.rs", "RUN_TIME"),
            ("an echo stream in all", "node/src/services/echo.rs", "IDLE"),
            ("ping between contacts, every", "node/src/net/behaviour.rs", "PING_INTERVAL"),
            ("a connection without use", "node/src/net/swarm.rs", "IDLE"),
            ("QUIC idle timeout", "node/src/net/swarm.rs", "QUIC_IDLE_MS"),
            ("QUIC keep-alive, every", "node/src/net/swarm.rs", "QUIC_KEEP_ALIVE"),
        ],
    );
    let negotiation = Limits::default().negotiation.as_millis();
    let place = "`Limits::negotiation` in `protocols/src/streams.rs`";
    table.rows.insert(0, row!["negotiation of a stream", negotiation, place]);
    table
}

fn kademlia() -> Table {
    constants(
        "kademlia",
        &[
            ("packet, bytes", "node/src/net/dht/behaviour.rs", "MAX_PACKET"),
            ("disjoint paths of a query, and requests under way", "node/src/net/dht/behaviour.rs", "PATHS"),
            ("one query, ms", "node/src/net/dht/behaviour.rs", "QUERY"),
            ("one request, ms", "node/src/net/dht/behaviour.rs", "REQUEST"),
            ("addresses kept of one server", "node/src/net/dht.rs", "MAX_ADDRESSES"),
            ("servers whose answers are enough", "node/src/mesh/directory.rs", "ENOUGH"),
        ],
    )
}

fn gossipsub() -> Table {
    let file = "node/src/net/gossip/behaviour.rs";
    let finding = "node/src/services/events/broadcast/finding.rs";
    constants(
        "gossipsub",
        &[
            ("RPC, bytes", file, "MAX_FRAME"),
            ("control messages and subscriptions of one RPC, bytes", file, "MAX_CONTROL"),
            ("messages of one RPC", file, "MAX_MESSAGES"),
            ("ids of one `IHAVE` or `IWANT`", file, "MAX_IDS"),
            ("`IHAVE` of one peer in a second", file, "MAX_ANNOUNCEMENTS"),
            ("messages that wait for one peer", file, "QUEUE"),
            ("messages that wait for a verdict", "node/src/net/gossip.rs", "HEARD"),
            ("ids are remembered for, ms", file, "SEEN"),
            ("a broadcast is passed on for, ms", finding, "MAX_AGE"),
            ("a broadcast may be ahead by, ms", finding, "MAX_AHEAD"),
            ("members may not have heard of an expulsion for, ms", finding, "GRACE"),
            ("authors that are remembered", "node/src/services/events/broadcast/windows.rs", "AUTHORS"),
        ],
    )
}

fn providers() -> Table {
    let file = "node/src/net/dht/providers.rs";
    constants(
        "providers",
        &[
            ("records kept", file, "MAX_RECORDS"),
            ("records of one provider", file, "MAX_OF_ONE"),
            ("records of one key", file, "MAX_OF_KEY"),
            ("addresses of one record", file, "MAX_ADDRESSES"),
            ("bytes of one address", file, "MAX_ADDRESS"),
            ("bytes of a key", file, "MAX_KEY"),
        ],
    )
}

fn served_by_relays() -> Table {
    constants(
        "relay",
        &[
            ("reservations", "node/src/net/hop.rs", "RESERVATIONS"),
            ("reservations of one peer", "node/src/net/hop.rs", "RESERVATIONS_PER_PEER"),
            ("life of a reservation, ms", "node/src/net/hop.rs", "RESERVATION"),
            ("circuits", "node/src/net/hop.rs", "CIRCUITS"),
            ("circuits of one peer", "node/src/net/hop.rs", "CIRCUITS_PER_PEER"),
            ("life of a circuit, ms", "node/src/net/hop.rs", "CIRCUIT"),
            ("bytes of a circuit each way", "node/src/net/hop.rs", "CIRCUIT_BYTES"),
            ("dials back at once", "node/src/net/dial_back.rs", "AT_ONCE"),
            ("a dial back, ms", "node/src/net/dial_back.rs", "GIVE_UP"),
            ("a dial back is expected for, ms", "node/src/net/reachable/probes.rs", "DIAL"),
            (
                "strangers that may be one, for each request",
                "node/src/net/reachable/probes.rs",
                "MAX_VISITORS",
            ),
        ],
    )
}
