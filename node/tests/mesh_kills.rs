//! Agents that die at every place on the way into a network and out of it: they are in it or not, and nothing in between;
//! and an invite that was counted is not lost to whom it was counted for.
#![cfg(debug_assertions)]
#![expect(clippy::unwrap_used, reason = "tests and their helpers")]

#[path = "../src/crash.rs"]
#[expect(dead_code, reason = "the test dies nowhere, and needs the names alone")]
mod crash;
#[path = "mesh_kills/lab.rs"]
mod lab;
#[path = "common/process.rs"]
mod process;

use crash::Place;
use lab::Mortal;

/// Has the founder of a network and somebody else, one of whom dies at a place while the other comes in or goes.
async fn play(place: Place) {
    let mut founder = Mortal::new("founder").await;
    if place == Place::Founded {
        founder.order(place);
        assert!(founder.create().await.is_err());
        founder.rises("it dies with a key and without a network").await;
        assert_eq!(founder.network().await, None);
    }
    founder.create().await.unwrap();
    let invite = founder.invite().await;
    let mut alice = Mortal::new("alice").await;
    match place {
        Place::Founded => alice.join(&invite).await.unwrap(),
        Place::Issued => {
            founder.order(place);
            let (joined, ()) = tokio::join!(alice.join(&invite), founder.rises("before it has answered"));
            // It asks again by itself.
            joined.unwrap();
        }
        Place::Granted | Place::HalfEntered | Place::Entered => {
            alice.order(place);
            let (joined, ()) = tokio::join!(alice.join(&invite), alice.ends("on its way in"));
            assert!(joined.is_err());
            alice.rise().await;
            assert_eq!(alice.network().await.is_some(), place == Place::Entered, "{place:?}");
            if place != Place::Entered {
                // The use was counted, for this one.
                alice.join(&invite).await.unwrap();
            }
        }
        Place::HalfLeft | Place::Left => {
            alice.join(&invite).await.unwrap();
            alice.order(place);
            let (left, ()) = tokio::join!(alice.leave(), alice.ends("on its way out"));
            assert!(left.is_err());
            alice.rise().await;
            assert_eq!(alice.network().await.is_some(), place == Place::HalfLeft, "{place:?}");
            if place == Place::HalfLeft {
                alice.leave().await.unwrap();
            }
            assert_eq!(alice.network().await, None);
            assert_eq!(founder.members().await, ["alice left", "founder member"], "{place:?}");
            return;
        }
        other => unreachable!("{other:?} is on the way of trust"),
    }
    assert_eq!(alice.network().await, founder.network().await, "{place:?}");
    assert_eq!(founder.members().await, ["alice member", "founder member"], "{place:?}");
    // Nobody else comes in by the same invite.
    let bob = Mortal::new("bob").await;
    let refused = bob.join(&invite).await.unwrap_err();
    assert!(refused.message.contains("used"), "{place:?}: {refused}");
    for agent in [&founder, &alice, &bob] {
        assert_eq!(agent.errors(), [""; 0], "{place:?}: nothing is damaged");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_in_a_network_or_not_wherever_it_dies() {
    for place in Place::MESH {
        play(*place).await;
    }
}
