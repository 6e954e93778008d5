//! Members that speak gossip over real connections, and some that should not.

mod garbage;
mod pair;

use pair::{LISTEN, PATIENCE, Pair, TOPIC};
use tokio::time::timeout;

use super::behaviour::fits;

/// The longest message that fits.
fn longest() -> usize {
    (0..=64 * 1024).rev().find(|length| fits(TOPIC, &vec![0; *length])).unwrap()
}

#[tokio::test]
async fn an_event_of_60_kib_with_all_around_it_fits() {
    const AROUND: usize = 512 + 1024;
    assert!(longest() > 60 * 1024 + AROUND, "{}", longest());
}

#[tokio::test]
async fn messages_as_long_as_can_be_follow_each_other() {
    for transport in LISTEN {
        timeout(PATIENCE, async {
            let (mut pair, _) = Pair::met_on(transport).await;
            let messages: Vec<_> = (0..20_u8).map(|number| vec![number; longest() - 1]).collect();
            pair.talk(&messages).await;
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn what_is_said_goes_on_over_either_of_two_connections() {
    for transport in LISTEN {
        for first in [true, false] {
            timeout(PATIENCE, async {
                let (mut pair, one) = Pair::met_on(transport).await;
                let two = pair.connect().await;
                pair.admit(two);
                pair.talk(&[b"over two".to_vec()]).await;
                let gone = if first { one } else { two };
                assert!(pair.listener.close_connection(gone.listener));
                let is_closed = |pair: &mut Pair| {
                    let left = |swarm: &libp2p::Swarm<_>| {
                        swarm.network_info().connection_counters().num_established()
                    };
                    left(&pair.dialler) == 1 && left(&pair.listener) == 1
                };
                pair.until(is_closed).await;
                assert!(pair.both_know());
                pair.talk(&[b"over one".to_vec()]).await;
            })
            .await
            .unwrap();
        }
    }
}

#[tokio::test]
async fn a_connection_stays_for_whom_is_in_the_mesh_and_for_nobody_else() {
    timeout(PATIENCE, async {
        let (mut pair, _) = Pair::met_on(LISTEN[0]).await;
        let (_, peer) = pair.peers();
        // Longer than a connection without use.
        for _ in 0..40 {
            pair.run().await;
        }
        assert!(pair.dialler.is_connected(&peer));
        for swarm in [&mut pair.dialler, &mut pair.listener] {
            let guard = swarm.behaviour_mut().inner().unwrap();
            assert!(guard.inner.unsubscribe(&guard.topic));
        }
        pair.until(|pair| !pair.dialler.is_connected(&peer)).await;
    })
    .await
    .unwrap();
}
