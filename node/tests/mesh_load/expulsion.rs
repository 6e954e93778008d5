//! A member is expelled, and stays so.
#![expect(clippy::print_stderr, reason = "figures, with --nocapture")]

use std::{fs, io, path::Path, time::Instant};

use crate::{
    agent::Agent,
    mesh::{AUTO, Mesh, published, until},
    size::size,
};

#[tokio::test]
async fn the_expelled_is_cut_by_all_and_cannot_come_back() {
    let mesh = Mesh::new().await;
    let inviting = mesh.founder.invite(true).await;
    let (own, process) = (mesh.process(), mesh.process());
    let inviter = mesh.join(&process, 1, AUTO, &inviting).await.remove(0).0;
    let other_invite = inviter.invite(false).await;
    let mut others = vec![mesh.founder.clone(), inviter];
    others.extend(mesh.join(&process, size(4, 23), AUTO, &mesh.invite).await.into_iter().map(|(one, _)| one));
    others.extend(mesh.grow(size(5, 24)).await);
    let count = others.len() + 1;

    // A copy of its home is what it was before: a member that knows of nothing.
    let mallory = mesh.join(&own, 1, AUTO, &mesh.invite).await.remove(0).0;
    mallory.stop().await;
    let copy = mallory.settings.home.with_extension("copy");
    copy_all(&mallory.settings.home, &copy).unwrap();
    let mallory = Agent::start(&own, 1, mallory.settings).await;
    published(&others, count).await;
    published(std::slice::from_ref(&mallory), count).await;
    for other in &others {
        assert_eq!(mallory.look_for(other, other.name()).await.found.err(), None);
        assert_eq!(other.look_for(&mallory, mallory.name()).await.found.err(), None);
    }

    mesh.founder.expel(&mallory).await;
    all_have_heard(&others).await;
    for other in &others {
        until("the connection is cut", async || !is_member(other, &mallory).await).await;
    }
    let told = until("it knows", async || mallory.network().await.over.is_some()).await;
    eprintln!("the expelled one knew it after {told:.1?} more");
    is_nobody(&others, &mallory).await;

    // Neither after a restart, nor by the certificate that it has, nor by an invite.
    mallory.stop().await;
    let mallory = Agent::start(&own, 2, mallory.settings).await;
    is_nobody(&others, &mallory).await;
    mallory.stop().await;
    let restored = crate::wire::Settings { home: copy, ..mallory.settings };
    let mut mallory = Agent::start(&own, 3, restored).await;
    assert_eq!(mallory.network().await.over, None, "the copy does not know");
    for other in &others {
        assert!(mallory.look_for(other, other.name()).await.found.is_err());
    }
    is_nobody(&others, &mallory).await;
    until("the copy is told", async || mallory.network().await.over.is_some()).await;
    for invite in [&mesh.invite, &other_invite] {
        let refused = mallory.join(invite).await.unwrap_err();
        assert!(refused.contains("expelled"), "{refused}");
    }
    is_nobody(&others, &mallory).await;
}

/// Waits until all have the list, and tells how long it took.
async fn all_have_heard(agents: &[Agent]) {
    let start = Instant::now();
    let (mut most, mut left): (_, Vec<_>) = (None, agents.iter().collect());
    until("all have heard", async || {
        let mut deaf = Vec::new();
        for agent in &left {
            if agent.network().await.revocations == 0 {
                deaf.push(*agent);
            }
        }
        left = deaf;
        if left.len() * 20 <= agents.len() && most.is_none() {
            most = Some(start.elapsed());
        }
        left.is_empty()
    })
    .await;
    let most = most.unwrap_or_default();
    eprintln!("95 % of {} have heard after {most:.1?}, all after {:.1?}", agents.len(), start.elapsed());
}

/// Whether an agent takes the other for a member, or is connected to it.
async fn is_member(agent: &Agent, other: &Agent) -> bool {
    let members = agent.members().await;
    members.iter().any(|member| member.agent == other.me.agent && (member.stands || member.connected))
}

/// Asserts that no member speaks with the agent or finds it, and that it finds nobody.
async fn is_nobody(others: &[Agent], expelled: &Agent) {
    for other in others {
        assert!(expelled.look_for(other, other.name()).await.found.is_err());
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
