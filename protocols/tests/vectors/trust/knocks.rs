use airway_protocols::{
    knock::{self, Knock, Proof},
    ticket::{self, Ticket, TicketId},
    trust, wire,
};
use futures::{executor::block_on, io::Cursor};
use serde::Serialize;
use serde_bytes::ByteBuf;
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::{
    super::support::{RefusedBytes, RefusedText, hex, refused_texts, why},
    AT, card, request,
};

#[derive(Serialize)]
pub(super) struct Knocked {
    statement: String,
    ticket: Option<String>,
    proof: Option<String>,
    bytes: String,
}

#[derive(Serialize)]
pub(super) struct Ticketed {
    card: String,
    id: String,
    secret: String,
    expires: u64,
    text: String,
    statement: String,
    proof: String,
}

pub(super) fn knocked(knock: &Knock) -> Knocked {
    let bytes = wire::frame(&wire::encode(knock).unwrap(), trust::MAX_FRAME).unwrap();
    assert_eq!(block_on(knock::hear(&mut Cursor::new(&bytes))).unwrap(), *knock);
    Knocked {
        statement: hex(&knock.statement),
        ticket: knock.ticket.map(|proof| hex(proof.ticket.as_bytes())),
        proof: knock.ticket.map(|proof| hex(proof.proof)),
        bytes: hex(bytes),
    }
}

pub(super) fn knock_answer() -> String {
    let mut bytes = Vec::new();
    block_on(knock::answer(&mut tokio::io::join(&[][..], &mut bytes).compat())).unwrap();
    let mut stream = tokio::io::join(&bytes[..], tokio::io::sink()).compat();
    block_on(knock::knock(&mut stream, &Knock { statement: vec![], ticket: None })).unwrap();
    hex(bytes)
}

pub(super) fn refused_knocks() -> Vec<RefusedBytes> {
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

pub(super) fn proof() -> Proof {
    ticket_of(1, [0xA7; 16], AT).prove(&request().id())
}

pub(super) fn ticket_of(seed: u8, secret: [u8; 16], expires: u64) -> Ticket {
    Ticket::new(card(seed), TicketId::from_bytes([1, 2, 3, 4, 5, 6, 7, 8]), secret, expires)
}

pub(super) fn ticketed(ticket: &Ticket) -> Ticketed {
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

pub(super) fn refused_tickets() -> Vec<RefusedText> {
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
