//! Changes of a network that come at the same time, or open again what they have shut.

use airway::{InviteOptions, Membership, MeshError, NetworkOptions, Uses};
use zeroize::Zeroizing;

use crate::{
    common::{Agent, PATIENCE},
    stage::{founder, invite, member},
};

fn anybody() -> InviteOptions {
    InviteOptions { uses: Uses::Unlimited, ..InviteOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_are_expelled_at_once_both_are_out() {
    let founder = founder(NetworkOptions::default()).await;
    let open = invite(&founder, anybody()).await;
    let _members = (member("bob", &open).await, member("carol", &open).await);
    let (bob, carol) = tokio::join!(founder.node.expel("bob"), founder.node.expel("carol"));
    for expelled in [bob.unwrap(), carol.unwrap()] {
        assert_eq!(expelled.membership, Membership::Expelled);
    }
    let members = founder.node.members().await.unwrap();
    let out = members.iter().filter(|member| member.membership == Membership::Expelled).count();
    assert_eq!(out, 2);
    assert_eq!(founder.node.network().await.unwrap().unwrap().revocations, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_networks_that_are_entered_at_once_one_holds() {
    let (founder, agent) = (founder(NetworkOptions::default()).await, Agent::new("bob").await);
    let open = invite(&founder, anybody()).await;
    let (joined, created) = tokio::join!(
        agent.node.join(&open, None, PATIENCE),
        agent.node.create_network("other", NetworkOptions::default())
    );
    let network = agent.node.network().await.unwrap().unwrap();
    let (won, lost) = match (joined, created) {
        (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
        both => panic!("{both:?}"),
    };
    assert_eq!(network.id, won.id);
    assert_eq!(network.authority, network.name == "other");
    assert!(matches!(lost, MeshError::AlreadyInNetwork { .. }), "{lost}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_with_the_key_of_the_authority_lets_others_in() {
    let founder = founder(NetworkOptions::default()).await;
    let heir = member("heir", &invite(&founder, anybody()).await).await;
    let passphrase = || Zeroizing::new("correct horse".to_owned());
    let sealed = founder.node.export_authority(passphrase()).await.unwrap();
    let network = heir.node.import_authority(sealed, passphrase()).await.unwrap();
    assert!(network.authority && network.roles.inviter);
    founder.node.shut_down().await;
    let third = member("third", &invite(&heir, anybody()).await).await;
    assert_eq!(third.node.network().await.unwrap().unwrap().id, network.id);
}
