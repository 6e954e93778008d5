//! What was said once is said again, in any order and to anybody, and changes nothing.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use airway::{
    Ask, Standing, Terms, What,
    protocols::{
        knock::Proof,
        ticket::TicketId,
        trust::{Kind, Statement},
    },
};
use rand::{SeedableRng as _, rngs::SmallRng, seq::SliceRandom as _};

use super::puppet::{Puppet, answering, draft, now};
use crate::{
    common::{Agent, until},
    size::{seed, size},
};

/// All that there is to see of an agent and its relations.
async fn state(agent: &Agent) -> String {
    let contacts: Vec<_> = agent.node.contacts().into_iter().map(|contact| contact.agent).collect();
    let all =
        [Standing::Stranger, Standing::Requested, Standing::Pending, Standing::Trusted, Standing::Blocked];
    let requests = agent.node.requests(&all).await.unwrap();
    let requests: Vec<_> =
        requests.iter().map(|request| (request.agent, request.standing, request.since)).collect();
    let log = agent.node.trust_log(1000, None).await.unwrap();
    format!("{contacts:?} {requests:?} {:?}", log.last().map(|event| event.seq))
}

/// Goes through everything that can happen between an agent and a puppet, and ends with trust; returns all that was said.
async fn history(alice: &Agent, puppet: &Puppet) -> Vec<Statement> {
    let (node, me) = (&alice.node, alice.node.me().agent);
    let pending = async || !node.requests(&[Standing::Pending]).await.unwrap().is_empty();
    let mut said = Vec::new();
    let start = now();

    // Asked and rejected, and told so.
    said.push(puppet.request(&me, 1, start));
    puppet.say(node, &said[0]).await;
    until("asked", pending).await;
    node.reject("puppet", true, Some("no".into())).await.unwrap();
    puppet.hears(Kind::Reject, 0).await;

    // Asked, approved, revoked by the puppet.
    said.push(puppet.request(&me, 2, start + 1));
    puppet.say(node, &said[1]).await;
    until("asked again", pending).await;
    node.approve("puppet", Terms::default()).await.unwrap();
    let accept = puppet.hears(Kind::Accept, 0).await;
    said.push(puppet.sign(&me, draft(Kind::Revoke, accept.generation(), start + 2)));
    puppet.say(node, &said[2]).await;
    until("revoked", async || node.find("puppet").is_err()).await;

    // Asked by the agent, accepted by the puppet, revoked by the agent.
    let known = puppet.heard().len();
    node.trust(&puppet.card, Ask::default()).await.unwrap();
    let request = puppet.hears(Kind::Request, known).await;
    let accept = answering(Kind::Accept, request.generation(), start + 3, request.id());
    said.push(puppet.sign(&me, accept));
    puppet.say(node, &said[3]).await;
    until("accepted", async || node.find("puppet").is_ok()).await;
    node.untrust("puppet", None).await.unwrap();
    let taken_back = puppet.hears(Kind::Revoke, known).await;

    // Asked once more and approved: what is to last.
    said.push(puppet.request(&me, taken_back.generation() + 1, start + 4));
    puppet.say(node, &said[4]).await;
    until("asked at last", pending).await;
    node.approve("puppet", Terms::default()).await.unwrap();
    until("the puppet has heard", async || node.find("puppet").is_ok_and(|contact| contact.confirmed)).await;
    said.extend(puppet.heard());
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recordings_change_nothing_whoever_plays_them_to_whom() {
    let (alice, carol) = (Agent::new("alice").await, Agent::new("carol").await);
    let (puppet, thief) = (Puppet::new("puppet").await, Puppet::new("thief").await);
    let mut said = history(&alice, &puppet).await;
    assert!(said.len() >= 9, "{}", said.len());
    let (before, carols) = (state(&alice).await, state(&carol).await);

    let mut rng = SmallRng::seed_from_u64(seed());
    for _ in 0..size(2, 20) {
        said.shuffle(&mut rng);
        for statement in &said {
            tokio::join!(
                puppet.say(&alice.node, statement),
                puppet.say(&carol.node, statement),
                thief.say(&alice.node, statement),
            );
        }
        assert_eq!(state(&alice).await, before);
        assert_eq!(state(&carol).await, carols);
    }
    // The trust that recordings could not end ends when it is said now.
    let revoke = puppet.sign(&alice.node.me().agent, draft(Kind::Revoke, u64::MAX >> 11, now()));
    puppet.say(&alice.node, &revoke).await;
    until("revoked", async || alice.node.find("puppet").is_err()).await;
    let last = alice.node.trust_log(1, None).await.unwrap().remove(0);
    assert_eq!((last.what, last.by_us), (What::Revoked, false));

    // Nor does anything of it bring trust back.
    let after = state(&alice).await;
    for statement in &said {
        puppet.say(&alice.node, statement).await;
    }
    assert_eq!(state(&alice).await, after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_knock_that_is_not_what_it_seems_leaves_nothing_behind() {
    let alice = Agent::new("alice").await;
    let (puppet, other) = (Puppet::new("puppet").await, Puppet::new("other").await);
    let me = alice.node.me().agent;
    let request = puppet.request(&me, 1, now());
    let before = state(&alice).await;

    let mut altered = request.as_bytes().to_vec();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    let card = puppet.card.as_bytes().to_vec();
    let foreign = puppet.request(&other.agent(), 1, now());
    let old = puppet.request(&me, 1, now() - 8 * 24 * 3600 * 1000);
    let early = puppet.request(&me, 1, now() + 2 * 24 * 3600 * 1000);
    let of_other = other.request(&me, 1, now());
    let accept = puppet.sign(&me, answering(Kind::Accept, 1, now(), request.id()));
    let bytes = [&foreign, &old, &early, &of_other, &accept].map(|statement| statement.as_bytes().to_vec());
    for knock in bytes.iter().chain([&altered, &card, &Vec::new(), &vec![0xFF; 4000]]) {
        puppet.knock(&alice.node, knock, None).await;
        let proof = Proof { ticket: TicketId::from_bytes([7; 8]), proof: [7; 32] };
        puppet.knock(&alice.node, knock, Some(proof)).await;
    }
    assert_eq!(state(&alice).await, before);
    // What is wrong with them is not the puppet: its real request is heard, once its budget allows.
    let third = Puppet::new("third").await;
    third.knock(&alice.node, third.request(&me, 1, now()).as_bytes(), None).await;
    until("asked", async || alice.node.requests(&[Standing::Pending]).await.unwrap().len() == 1).await;
}
