//! Lookups and publications over whole networks.

use std::{slice, time::Duration};

use tokio::time::{sleep, timeout};

use super::{
    super::{Published, Stats},
    people::{Agent, PATIENCE, Person, Town},
};
use crate::{members::Member, metrics::Snapshot};

/// Waits until something holds that others bring about.
async fn until<T: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> T) {
    let wait = async {
        while !holds().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(timeout(PATIENCE, wait).await.is_ok(), "{what}");
}

/// How many queries of this kind have ended so.
fn counted(agent: &Agent, kind: &str, outcome: &str) -> u64 {
    let line = format!("airway_dht_queries_total{{kind=\"{kind}\",outcome=\"{outcome}\"}} ");
    let text = agent.metrics.render(&Snapshot::default());
    text.lines().find_map(|known| known.strip_prefix(&line)).map_or(0, |count| count.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_publishes_all_find() {
    let town = Town::new();
    let mut agents = Vec::new();
    for index in 0..10 {
        let mut agent = town.settle(index < 7).await;
        town.attend(&mut agent);
        agents.push(agent);
    }
    let (first, at) = agents[0].at();
    for agent in &agents[1..] {
        agent.net.introduce(first, at.clone()).await;
        timeout(PATIENCE, agent.net.find_servers()).await.unwrap();
    }
    // The first has met them all when they asked it; each finds all other servers.
    for (index, agent) in agents.iter().enumerate() {
        until(&format!("{index} knows the servers"), || async {
            agent.net.find_servers().await;
            agent.net.servers().await.len() == if index < 7 { 6 } else { 7 }
        })
        .await;
    }
    for publisher in [0, 9] {
        let person = &agents[publisher].person;
        let (key, claim) = (person.address_key(), person.claim(&["ocr"]));
        assert_eq!(agents[publisher].lay(key.clone(), &claim).await, Published { stored: 7, asked: 7 });
        for (index, agent) in agents.iter().enumerate() {
            let (found, Stats { requests, answered }) = agent.look(key.clone()).await;
            assert_eq!(found, slice::from_ref(&claim), "{index}");
            assert!(
                requests <= 7 && answered <= requests,
                "{index}: {requests} requests, {answered} answers"
            );
        }
    }
    assert_eq!((counted(&agents[9], "publish", "stored"), counted(&agents[9], "lookup", "found")), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_ends_the_wait() {
    let town = Town::of_liars();
    let mut client = town.settle(false).await;
    let mut wanted = town.attend(&mut client);
    let server = town.settle(true).await;
    let (peer, at) = server.at();
    client.net.introduce(peer, at).await;
    let (found, stats) = client.look(server.person.address_key()).await;
    assert_eq!((found, stats.answered), (Vec::new(), 0));
    assert_eq!(wanted.recv().await, Some(peer));
    assert_eq!((counted(&client, "lookup", "nothing"), counted(&client, "lookup", "timeout")), (1, 0));
    // Neither of them has heard what the other is.
    assert!(server.net.servers().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dht_is_left_and_entered_while_the_network_runs() {
    let town = Town::new();
    let (mut client, mut server) = (town.settle(false).await, town.settle(true).await);
    let mut wanted = town.attend(&mut client);
    town.attend(&mut server);
    let (key, claim) = (client.person.address_key(), client.person.claim(&[]));
    let (peer, at) = server.at();
    for round in 0..3 {
        client.net.introduce(peer, at.clone()).await;
        assert_eq!(client.lay(key.clone(), &claim).await.stored, 1, "{round}");
        assert_eq!(client.look(key.clone()).await.0, slice::from_ref(&claim), "{round}");
        assert!(!client.net.connections().is_empty());

        client.net.enter(None).await;
        until("the connection closes", || async { client.net.connections().is_empty() }).await;
        assert_eq!(client.lay(key.clone(), &claim).await, Published::default(), "{round}");
        assert_eq!(client.look(key.clone()).await.0, [], "{round}");
        assert!(client.net.servers().await.is_empty());
        let members = &client.net.shared().members;
        members.set_realm(Some(town.mesh.realm.clone()), false, Default::default());
        client.enter(false, false).await;
    }
    // Once for each time that it was dialled as nobody.
    assert_eq!(wanted.recv().await, Some(peer));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_expelled_is_not_served_any_more() {
    let town = Town::new();
    let (mut one, other) = (town.settle(true).await, town.settle(true).await);
    town.attend(&mut one);
    let (peer, at) = other.at();
    one.net.introduce(peer, at.clone()).await;
    let (key, claim) = (one.person.address_key(), one.person.claim(&[]));
    assert_eq!(one.lay(key.clone(), &claim).await, Published { stored: 2, asked: 2 });
    assert_eq!(one.net.servers().await.len(), 1);
    assert_eq!(other.net.servers().await.len(), 1, "the other has learned of it, too");

    assert_eq!(one.net.expected_addresses(), 1, "a member may come from there again");
    let own = one.person.peer();
    let expelled = other.net.shared().members.set_revocations(town.mesh.revoke(claim.agent()));
    assert_eq!(expelled.iter().map(Member::peer).collect::<Vec<_>>(), [own]);
    other.net.expel(own).await;
    assert!(other.net.servers().await.is_empty());
    until("the connection closes", || async { one.net.connections().is_empty() }).await;
    until("nobody is expected", || async { one.net.expected_addresses() == 0 }).await;
    // To it the other is a member still, which does not answer any more.
    let (found, stats) = one.look(other.person.address_key()).await;
    assert_eq!((found, stats.answered), (Vec::new(), 0));
    assert_eq!(other.look(key).await.0, [], "what it claimed is gone with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lookup_that_is_dropped_ends() {
    let town = Town::new();
    let (client, server) = (town.settle(false).await, town.settle(true).await);
    // Nobody answers what the client's network wants: the query waits.
    let (peer, at) = server.at();
    client.net.introduce(peer, at).await;
    let mut lookup = client.net.lookup(server.person.address_key());
    assert!(timeout(Duration::from_millis(200), lookup.next()).await.is_err());
    drop(lookup);
    until("the lookup ends", || async { counted(&client, "lookup", "enough") == 1 }).await;
    // One that never began costs nothing.
    drop(client.net.lookup(server.person.address_key()));
    assert_eq!(counted(&client, "lookup", "enough"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_proves_anything_those_who_answer_are_servers() {
    let (mut agents, mut known) = (Vec::new(), Vec::new());
    for server in [true, true, false, false] {
        let agent = Agent::start(Person::of_backbone(), false).await;
        let members = &agent.net.shared().members;
        members.set_realm(Some(agent.person.realm.clone()), false, Default::default());
        agent.enter(true, server).await;
        if server {
            known.push(agent.at());
        }
        agents.push(agent);
    }
    let (one, two) = (known[0].clone(), known[1].clone());
    // One knows two, and a client knows one alone.
    agents[0].net.introduce(two.0, two.1.clone()).await;
    for client in &agents[2..] {
        client.net.introduce(one.0, one.1.clone()).await;
        client.net.find_servers().await;
        let servers: Vec<_> = client.net.servers().await.into_iter().map(|(peer, _)| peer).collect();
        assert!(servers.len() == 2 && servers.contains(&one.0) && servers.contains(&two.0));
    }
    let claim = agents[2].person.claim(&["ocr"]);
    let key = agents[2].person.tag_key("ocr");
    assert_eq!(agents[2].lay(key.clone(), &claim).await, Published { stored: 2, asked: 2 });
    let more = agents[3].person.claim(&["ocr"]);
    assert_eq!(agents[3].lay(key.clone(), &more).await.stored, 2);
    let (found, _) = agents[3].look(key).await;
    assert!(found.len() == 2 && found.contains(&claim) && found.contains(&more));
}
