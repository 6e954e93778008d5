//! Exports and imports of receipts, as files.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::PathBuf};

use airway::{
    PoloError,
    protocols::polo::{Code, Export, Finding, verify},
};

use super::work::{agent, open, pair, work};
use crate::common::{Agent, befriend, until};

async fn exported(of: &Agent) -> String {
    String::from_utf8(of.node.polo_export(None).await.unwrap()).unwrap()
}

fn read(file: &str) -> Export {
    Export::read(file.as_bytes()).unwrap()
}

fn found(file: &str, others: &[&str]) -> Vec<Code> {
    let others: Vec<_> = others.iter().map(|other| read(other)).collect();
    verify(&read(file), &others).iter().map(Finding::code).collect()
}

/// A file in the home of an agent.
fn written(at: &Agent, file: &str) -> PathBuf {
    let path = at.home.path().join("receipts.polo");
    fs::write(&path, file).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_shows_all_and_what_is_taken_out_of_it_is_found() {
    let (alice, bob) = pair().await;
    for _ in 0..3 {
        work(&alice, &bob).await;
    }
    work(&bob, &alice).await;
    let (of_alice, of_bob) = (exported(&alice).await, exported(&bob).await);
    assert_eq!(read(&of_alice).receipts, read(&of_bob).receipts);
    assert_eq!(found(&of_alice, &[&of_bob]), []);

    let without = |at: usize| {
        let lines = of_bob.lines().enumerate().filter(|(line, _)| *line != at);
        lines.map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    let chains = read(&of_bob).receipts;
    let longer = chains.iter().position(|receipt| receipt.pair().worker == agent(&bob)).unwrap() + 2;
    assert_eq!(found(&without(longer), &[]), [Code::Gap]);
    assert_eq!(found(&without(longer + 1), &[]), [Code::Gap]);
    assert_eq!(found(&without(longer + 2), &[]), [Code::Tail]);
    assert_eq!(found(&without(1), &[&of_alice]), [Code::Malformed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_tail_is_reported_by_the_counterparty() {
    let (alice, bob) = pair().await;
    work(&alice, &bob).await;
    let before = exported(&bob).await;
    work(&alice, &bob).await;
    let of_alice = exported(&alice).await;
    assert_eq!(found(&before, &[]), [], "by itself it is whole");
    assert_eq!(found(&before, &[&of_alice]), [Code::Tail]);
    let tail = verify(&read(&before), &[read(&of_alice)]).remove(0).to_string();
    assert!(tail.contains("ends at 1, and at 2"), "{tail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_taken_in_of_a_contact_alone() {
    let (alice, bob) = pair().await;
    let (carol, stranger) = (open("carol").await, open("stranger").await);
    befriend(&carol, &alice).await;
    work(&alice, &bob).await;
    let file = exported(&alice).await;

    let learnt = carol.node.polo_import(written(&carol, &file)).await.unwrap();
    assert_eq!((learnt.receipts, learnt.new), (1, 1));
    until("carol counts it", || async { carol.node.polo(&agent(&bob)).known.raw == 1 }).await;
    assert_eq!(carol.node.polo_import(written(&carol, &file)).await.unwrap().new, 0);

    let refused = stranger.node.polo_import(written(&stranger, &file)).await.unwrap_err();
    assert!(matches!(refused, PoloError::NotTrusted { .. }), "{refused}");
    let headless: String =
        file.lines().filter(|line| !line.starts_with("head")).map(|line| format!("{line}\n")).collect();
    let refused = carol.node.polo_import(written(&carol, &headless)).await.unwrap_err();
    assert!(matches!(refused, PoloError::Nobodys { .. }), "{refused}");
    let refused = carol.node.polo_import(written(&carol, "airway:")).await.unwrap_err();
    assert!(matches!(refused, PoloError::Import { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_with_one_agent_says_nothing_of_others() {
    let (alice, bob) = pair().await;
    let carol = open("carol").await;
    befriend(&alice, &carol).await;
    work(&alice, &bob).await;
    work(&alice, &carol).await;
    let bytes = alice.node.polo_export(Some(&agent(&bob))).await.unwrap();
    let file = String::from_utf8(bytes).unwrap();
    let export = read(&file);
    assert_eq!(export.receipts.len(), 1);
    assert_eq!(export.head.unwrap().with(), Some(agent(&bob)));
    assert_eq!(found(&file, &[&exported(&bob).await, &exported(&carol).await]), []);
}
