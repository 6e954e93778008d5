//! Claims, receipts and heads: as they come, and with a payload that is validly signed whatever it is. Exports.

use airway_protocols::{
    envelope,
    polo::{Claim, Export, Finding, Head, Outcome, Receipt, claim, export, head, receipt, reward, verify},
};

use super::envelope::{key, signed};

/// Opens a claim.
pub fn claim(bytes: &[u8]) {
    match Claim::from_bytes(bytes) {
        Ok(claim) => check_claim(&claim, bytes),
        Err(claim::Error::Envelope(envelope::Error::TooLarge { size, max })) => {
            assert!(size == bytes.len() && size > max);
        }
        Err(_) => {}
    }
}

/// Opens a claim with this payload.
pub fn claim_payload(payload: &[u8]) {
    claim(&signed("airway-work-v1", payload));
}

fn check_claim(claim: &Claim, bytes: &[u8]) {
    assert!(bytes.len() <= claim::MAX_BYTES && claim.as_bytes() == bytes);
    assert_ne!(claim.pair().requester, claim.pair().worker, "work for oneself");
    assert_eq!(Claim::from_bytes(claim.as_bytes()).as_ref().ok(), Some(claim));
}

/// Opens a receipt.
pub fn receipt(bytes: &[u8]) {
    match Receipt::from_bytes(bytes) {
        Ok(receipt) => check_receipt(&receipt, bytes),
        Err(receipt::Error::Reward { found, expected }) => assert_ne!(found, expected),
        Err(_) => {}
    }
}

/// Opens a receipt with this payload.
pub fn receipt_payload(payload: &[u8]) {
    receipt(&signed("airway-receipt-v1", payload));
}

fn check_receipt(receipt: &Receipt, bytes: &[u8]) {
    assert!(bytes.len() <= receipt::MAX_BYTES && receipt.as_bytes() == bytes);
    check_claim(receipt.claim(), receipt.claim().as_bytes());
    let (times, claimed) = (receipt.times(), receipt.claim().times());
    assert!(times.is_clamped(&claimed), "better than claimed");
    let paid = match receipt.claim().outcome() {
        Outcome::Success => reward(times.idle, times.staged, times.cpu).min(receipt.claim().max_reward()),
        Outcome::Failed | Outcome::Expired => 0,
    };
    assert_eq!(receipt.reward(), paid);
    assert_eq!(receipt.seq() == 1, receipt.place().prev.as_bytes() == &[0; 32]);
    assert_eq!(Receipt::from_bytes(receipt.as_bytes()).as_ref().ok(), Some(receipt));
}

/// Opens a head.
pub fn head(bytes: &[u8]) {
    if let Ok(head) = Head::from_bytes(bytes) {
        check_head(&head);
        assert_eq!(head.as_bytes(), bytes);
    }
}

/// Opens a head with this payload.
pub fn head_payload(payload: &[u8]) {
    let bytes = signed("airway-polo-head-v1", payload);
    if let Ok(head) = Head::from_bytes(&bytes) {
        check_head(&head);
        let again = Head::sign(&key(), head.tips().to_vec(), head.with(), head.at()).unwrap();
        assert_eq!((again.tips(), again.agent()), (head.tips(), head.agent()));
    }
}

fn check_head(head: &Head) {
    assert!(head.as_bytes().len() <= head::MAX_BYTES && head.tips().len() <= head::MAX_PAIRS);
    for tip in head.tips() {
        assert!(head.is_about(&tip.pair()) && tip.seq > 0);
        assert_eq!(head.tip(&tip.pair()), Some(tip), "found again");
    }
}

/// Reads an export, and verifies it beside itself.
pub fn export(bytes: &[u8]) {
    let Ok(read) = Export::read(bytes) else { return };
    assert!(bytes.starts_with(export::MAGIC.as_bytes()));
    assert!(read.findings.len() <= export::MAX_FINDINGS + 1);
    let alone = verify(&read, &[]);
    assert!(alone.starts_with(&read.findings), "what is wrong with lines comes first");
    let beside = verify(&read, &[Export { findings: Vec::new(), ..read.clone() }]);
    assert_eq!(alone, beside, "nobody says anything else than itself");
    for finding in &alone {
        assert!(!finding.to_string().is_empty() && !finding.code().as_str().is_empty());
    }

    let Some(head) = &read.head else { return };
    let mut again = Vec::new();
    export::write_head(&mut again, head).unwrap();
    for receipt in &read.receipts {
        export::write_receipt(&mut again, receipt.as_bytes()).unwrap();
    }
    let again = Export::read(again.as_slice()).unwrap();
    assert_eq!((&again.head, &again.receipts), (&read.head, &read.receipts));
    assert_eq!(again.findings, Vec::<Finding>::new());
}
