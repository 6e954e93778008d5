use super::*;

/// A member that was last met at the time `seen_ms`, and only uses the DHT.
pub(super) fn peer(seen_ms: u64) -> MeshPeer {
    MeshPeer { card: vec![1; 3], certificate: vec![2; 3], serves: false, relay: false, seen_ms }
}

#[tokio::test]
async fn members_are_remembered_as_they_were_met_last() {
    let mut scratch = scratch();
    scratch.store.mesh_peer_put(agent(1), peer(1)).await.unwrap();
    scratch.store.mesh_peer_put(agent(2), peer(2)).await.unwrap();
    let moved = MeshPeer { card: vec![9], serves: true, relay: true, ..peer(3) };
    scratch.store.mesh_peer_put(agent(1), moved.clone()).await.unwrap();
    scratch.reopen().await;
    assert_eq!(scratch.store.mesh_peers().await.unwrap(), [moved, peer(2)]);
}

#[tokio::test]
async fn those_met_longest_ago_make_room_and_those_who_serve_stay() {
    let scratch = scratch();
    let store = &scratch.store;
    let most = u16::try_from(MAX_MESH_PEERS).unwrap();
    let server = MeshPeer { serves: true, ..peer(1) };
    store.mesh_peer_put(agent(1), server.clone()).await.unwrap();
    for n in 2..=most + 10 {
        store.mesh_peer_put(agent(n), peer(n.into())).await.unwrap();
    }
    let left = store.mesh_peers().await.unwrap();
    assert_eq!(left.len(), MAX_MESH_PEERS);
    assert_eq!(left.last(), Some(&server));
    assert_eq!((left[0].seen_ms, left[MAX_MESH_PEERS - 2].seen_ms), (u64::from(most) + 10, 12));
}
