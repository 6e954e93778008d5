//! Remembers where the agent is, and asks for copies of it where it was.

use std::time::Duration;

use airway_protocols::card::MAX_ADDRESSES;
use libp2p::Multiaddr;

use super::{Inner, Node};
use crate::{home::Home, net::Net, own::direct, places::Places};

/// How often the former addresses are asked.
const LOOK: Duration = Duration::from_secs(10 * 60);

impl Node {
    /// Writes down where we are from now on, and looks for copies where we were.
    pub(super) fn note_places(&self) {
        let Inner { home, net, config, .. } = &*self.0;
        // A relay is no place of ours: nobody who is there now can be met there.
        let now = direct(&config.announce, &net.listening(), MAX_ADDRESSES);
        let noted = note(Places::load(home), home, config.name.as_ref(), now);
        tokio::spawn(look_for_copies(net.clone(), noted.former.clone()));
        tokio::spawn(keep_noting(noted, home.clone(), net.clone(), config.announce.clone()));
    }
}

/// A home that cannot be written to is noticed by others; here it costs no more than a few addresses.
fn note(mut places: Places, home: &Home, name: Option<&String>, now: Vec<Multiaddr>) -> Places {
    let before = places.clone();
    places.name = name.cloned();
    places.move_to(now);
    if places != before
        && let Err(error) = places.store(home)
    {
        tracing::warn!(%error, "the addresses of this agent were not written down");
    }
    places
}

/// Writes the addresses down whenever they change, until the network ends.
async fn keep_noting(mut places: Places, home: Home, net: Net, announce: Vec<Multiaddr>) {
    let mut listening = net.listening_changes();
    while listening.changed().await.is_ok() {
        let now = direct(&announce, &listening.borrow_and_update(), MAX_ADDRESSES);
        // No network for a moment is no move.
        if !now.is_empty() {
            let name = places.name.clone();
            places = note(places, &home, name.as_ref(), now);
        }
    }
}

/// Asks at the former addresses now and then, until the network ends.
async fn look_for_copies(net: Net, former: Vec<Multiaddr>) {
    if former.is_empty() {
        return;
    }
    let mut tick = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = net.ended() => return,
            _ = tick.tick() => net.look_for_copies(former.clone()).await,
        }
    }
}
