use data_encoding::BASE64URL_NOPAD as BASE64URL;
use libp2p::identity::Keypair;
use proptest::prelude::*;

use super::*;

const SECRET: [u8; SECRET_BYTES] = [0xA7; SECRET_BYTES];

fn card() -> Card {
    let key = Keypair::ed25519_from_bytes([7; 32]).unwrap();
    let addresses = ["/ip4/192.0.2.1/udp/4001/quic-v1".parse().unwrap()];
    Card::sign(&key, 0, 0, Some("ada".parse().unwrap()), &addresses).unwrap()
}

fn ticket() -> Ticket {
    Ticket::new(card(), TicketId::from_bytes([1, 2, 3, 4, 5, 6, 7, 8]), SECRET, 1_700_000_000_000)
}

/// The text around any contents, with a digest that fits.
fn text(contents: &[u8]) -> String {
    format!("{PREFIX}{}", BASE64URL.encode(&[contents, &secret::check(contents)].concat()))
}

fn read(text: &str) -> Error {
    text.parse::<Ticket>().unwrap_err()
}

proptest! {
    #[test]
    fn a_changed_character_is_noticed(at: prop::sample::Index, new in "[A-Za-z0-9_-]") {
        let text = ticket().to_string();
        let at = PREFIX.len() + at.index(text.len() - PREFIX.len());
        let mut changed = text.clone();
        changed.replace_range(at..=at, &new);
        prop_assume!(changed != text);
        prop_assert!(matches!(read(&changed), Error::Altered));
    }

    #[test]
    fn a_ticket_cut_short_is_refused(cut: prop::sample::Index) {
        let text = ticket().to_string();
        prop_assert!(text[..cut.index(text.len())].parse::<Ticket>().is_err());
    }

    #[test]
    fn any_text_parses_or_fails(text in "(airway-pair:)?\\PC{0,80}") {
        prop_assert!(text.parse::<Ticket>().is_err());
    }
}

#[test]
fn a_ticket_reads_back_as_it_was_made() {
    let ticket = ticket();
    let read: Ticket = format!(" {ticket}\n").parse().unwrap();
    assert_eq!(read.card(), ticket.card());
    assert_eq!((read.id(), read.secret(), read.expires()), (ticket.id(), &SECRET, ticket.expires()));
    assert_eq!(read.to_string(), ticket.to_string());
}

#[test]
fn the_secret_is_not_shown_but_in_the_text() {
    let shown = format!("{:?}", ticket());
    assert!(shown.contains("0102030405060708"));
    assert!(
        !shown.contains("167") && !shown.to_lowercase().contains("a7, ") && !shown.contains("a7a7"),
        "{shown}"
    );
}

#[test]
fn a_proof_is_good_for_one_statement_and_one_secret() {
    let statement = StatementId::from_bytes([9; 32]);
    let Proof { ticket: id, proof } = ticket().prove(&statement);
    assert_eq!(id, ticket().id());
    assert!(verify(&SECRET, &statement, &proof));
    assert!(!verify(&[0xA8; SECRET_BYTES], &statement, &proof));
    assert!(!verify(&SECRET, &StatementId::from_bytes([8; 32]), &proof));
    for at in 0..proof.len() {
        let mut wrong = proof;
        wrong[at] ^= 1;
        assert!(!verify(&SECRET, &statement, &wrong), "{at}");
    }
}

#[test]
fn each_wrong_text_has_its_own_error() {
    assert!(matches!(read("hello"), Error::NotATicket));
    assert!(matches!(read(&card().to_string()), Error::Card));
    assert!(matches!(read(&format!("{PREFIX}{}", "A".repeat(3_000))), Error::TooLong));
    assert!(matches!(read(PREFIX), Error::Altered));
    let text_of_it = ticket().to_string();
    assert!(matches!(read(&text_of_it[..text_of_it.len() - 4]), Error::Altered));
    assert!(matches!(read(&text(&[0xA0])), Error::Contents(_)));
    let contents = Contents { card: ByteBuf::from([1]), id: ticket().id(), secret: SECRET, expires: 0 };
    assert!(matches!(read(&text(&wire::encode(&contents).unwrap())), Error::InvalidCard(_)));
}
