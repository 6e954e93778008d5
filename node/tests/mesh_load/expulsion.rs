//! A member is expelled, and stays so.
#![expect(clippy::print_stderr, reason = "figures, with --nocapture")]

use std::{fs, io, path::Path, time::Instant};

use futures::future::join_all;

use crate::{
    agent::Agent,
    mesh::{Mesh, dht, published, until},
    size::size,
    wire::Settings,
};

#[tokio::test]
async fn the_expelled_is_cut_by_all_and_cannot_come_back() {
    let mesh = Mesh::new().await;
    let inviting = mesh.founder.invite(true).await;
    let (own, process) = (mesh.process(), mesh.process());
    let inviter = mesh.join(&process, 1, dht(), &inviting).await.remove(0).0;
    let other_invite = inviter.invite(false).await;
    let mut others = vec![mesh.founder.clone(), inviter];
    others
        .extend(mesh.join(&process, size(4, 23), dht(), &mesh.invite).await.into_iter().map(|(one, _)| one));
    others.extend(mesh.grow(size(5, 24)).await);
    let count = others.len() + 1;

    // A copy of its home is what it was before: a member that knows of nothing.
    let mallory = mesh.join(&own, 1, dht(), &mesh.invite).await.remove(0).0;
    mallory.stop().await;
    let copy = mallory.settings.home.with_extension("copy");
    copy_all(&mallory.settings.home, &copy).unwrap();
    let mallory = Agent::start(&own, 1, mallory.settings).await;
    published(&others, count).await;
    published(std::slice::from_ref(&mallory), count).await;
    assert_eq!(mallory.look_for(&others[2], others[2].name()).await.found.err(), None);
    for other in &others {
        assert_eq!(other.look_for(&mallory, mallory.name()).await.found.err(), None);
    }

    mesh.founder.expel(&mallory).await;
    all_have_heard(&others).await;
    let start = Instant::now();
    let cutting =
        others.iter().map(|other| until("the connection is cut", async || !is_member(other, &mallory).await));
    join_all(cutting).await;
    eprintln!("nobody is connected to the expelled one after {:.1?} more", start.elapsed());
    // What it knows it keeps; whoever comes from now on it does not find.
    let newcomers = mesh.grow(2).await;
    published(&newcomers, count).await;
    others.extend(newcomers);
    is_nobody(&others, &mallory).await;
    until("it knows", async || mallory.network().await.over.is_some()).await;
    eprintln!("the expelled one knew it after {:.1?} at most", start.elapsed());

    // Neither after a restart, nor by the certificate that it has, nor by an invite.
    mallory.stop().await;
    let mallory = Agent::start(&own, 2, mallory.settings).await;
    assert!(mallory.network().await.over.is_some(), "it remembers");
    is_nobody(&others, &mallory).await;
    mallory.stop().await;
    let restored = Settings { home: copy, ..mallory.settings };
    let mut mallory = Agent::start(&own, 3, restored).await;
    is_nobody(&others, &mallory).await;
    let told = until("the copy is told", async || mallory.network().await.over.is_some()).await;
    eprintln!("a copy of it that did not know was told {told:.1?} after its first lookups");
    for invite in [&mesh.invite, &other_invite] {
        let refused = mallory.join(invite).await.unwrap_err();
        assert!(refused.contains("expelled"), "{refused}");
    }
    is_nobody(&others, &mallory).await;
}

/// Waits until all have the list, and tells how long it took.
async fn all_have_heard(agents: &[Agent]) {
    let hearing =
        agents.iter().map(|agent| until("it has heard", async || agent.network().await.revocations > 0));
    let mut took = join_all(hearing).await;
    took.sort_unstable();
    let most = took[took.len() * 95 / 100 - 1];
    eprintln!("95 % of {} have heard after {most:.1?}, all after {:.1?}", agents.len(), took[took.len() - 1]);
}

/// Whether an agent takes the other for a member, or is connected to it.
async fn is_member(agent: &Agent, other: &Agent) -> bool {
    let members = agent.members().await;
    members.iter().any(|member| member.agent == other.me.agent && (member.stands || member.connected))
}

/// Asserts that no member speaks with the agent or finds it, and that it does not find those who came last.
async fn is_nobody(others: &[Agent], expelled: &Agent) {
    for newcomer in others.iter().rev().take(2) {
        assert!(expelled.look_for(newcomer, newcomer.name()).await.found.is_err());
        assert!(expelled.look_for(newcomer, &newcomer.me.address).await.found.is_err());
    }
    for other in others {
        assert!(other.look_for(expelled, expelled.name()).await.found.is_err());
        assert!(!is_member(other, expelled).await, "{} takes it for a member", other.name());
    }
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_all(&path, &copy)?;
        } else {
            fs::copy(&path, &copy)?;
        }
    }
    Ok(())
}
