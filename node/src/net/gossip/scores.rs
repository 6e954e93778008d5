//! What we think of those who pass messages on to us.
//!
//! | what a member does | score |
//! |---|---|
//! | it is in the mesh for a minute | +1 |
//! | it is the first to pass on something good | +0.5 each, at most +4; half of it is left after a minute |
//! | it passes on something wrong | −10 for one, −40 for two, −90 for three; half of the count is left after three minutes |
//! | it passes on more of one author than an author may say | −10 each, for ten minutes; nobody else who passes on the same is blamed |
//! | it grafts too soon, or does not send what it has announced | −10, squared, from the seventh time on |
//! | it does not read what we send | −0.01 for each message beyond ten that was dropped; a fifth of them is left after a second |
//!
//! | score | consequence |
//! |---|---|
//! | below 0 | it leaves the mesh within a second, and is not let in |
//! | below −10 | it is asked for nothing and given nothing that was missed |
//! | below −50 | what we publish is not sent to it |
//! | below −80 | nothing that it sends is heard |
//!
//! So the third wrong message is one too many, and each further one is heard a minute after the last at the earliest: whoever
//! lies stays out. No honest member passes on anything wrong. Whoever is only slow leaves the mesh, and is heard.
//!
//! Nobody is punished for being quiet: most topics are, most of the time. Nor for sharing an IP address: members of a network
//! are let in one by one, so nobody has many by chance, and a team behind one router has one address.

use std::time::Duration;

use libp2p::gossipsub::{PeerScoreParams, PeerScoreThresholds, TopicHash, TopicScoreParams};

/// Below it what we publish is not sent to a peer.
pub(in crate::net) const UNHEARD: f64 = -50.0;

/// Below it a peer is not heard.
pub(crate) const GRAYLIST: f64 = -80.0;

/// How long whoever went away with a bad score is remembered.
const REMEMBERED: Duration = Duration::from_secs(60 * 60);

/// How often counts decay.
const DECAY: Duration = Duration::from_secs(1);

/// More than this good conduct does not earn, so that the third wrong message is one too many for everybody.
pub(super) const BEST: f64 = 5.0;

/// What is left after a second of how much that was wrong a peer has passed on.
const WRONG_DECAY: f64 = 0.996;

/// What each of those costs, squared.
const WRONG: f64 = -10.0;

/// What each message costs that a peer has not read in time, and how many are free: little enough that the slowest is heard.
const SLOW: f64 = -0.01;
const SLOW_FREE: f64 = 10.0;

pub(super) fn params(topic: TopicHash) -> PeerScoreParams {
    let ours = TopicScoreParams {
        topic_weight: 1.0,
        time_in_mesh_weight: 1.0,
        time_in_mesh_quantum: Duration::from_secs(60),
        time_in_mesh_cap: 1.0,
        first_message_deliveries_weight: 0.5,
        first_message_deliveries_decay: 0.99,
        first_message_deliveries_cap: 8.0,
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        invalid_message_deliveries_weight: WRONG,
        invalid_message_deliveries_decay: WRONG_DECAY,
        ..TopicScoreParams::default()
    };
    PeerScoreParams {
        topics: [(topic, ours)].into(),
        topic_score_cap: BEST,
        // What is counted here: see the floods.
        app_specific_weight: 1.0,
        ip_colocation_factor_weight: 0.0,
        behaviour_penalty_weight: -10.0,
        behaviour_penalty_threshold: 6.0,
        behaviour_penalty_decay: 0.9,
        decay_interval: DECAY,
        decay_to_zero: 0.01,
        retain_score: REMEMBERED,
        slow_peer_weight: SLOW,
        slow_peer_threshold: SLOW_FREE,
        slow_peer_decay: 0.2,
        ..PeerScoreParams::default()
    }
}

pub(super) fn thresholds() -> PeerScoreThresholds {
    PeerScoreThresholds {
        gossip_threshold: -10.0,
        publish_threshold: UNHEARD,
        graylist_threshold: GRAYLIST,
        // Peers are never taken from what others say.
        accept_px_threshold: 10.0,
        // A mesh that only sits there is given two who deliver.
        opportunistic_graft_threshold: 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstream_takes_what_stands_here() {
        params(TopicHash::from_raw("topic")).validate().unwrap();
        thresholds().validate().unwrap();
    }

    /// What somebody's wrong messages cost so long after the last one.
    fn wrong(count: f64, after: Duration) -> f64 {
        let ours = params(TopicHash::from_raw("topic")).topics.into_values().next().unwrap();
        let decays = i32::try_from(after.as_secs() / DECAY.as_secs()).unwrap();
        let left = count * ours.invalid_message_deliveries_decay.powi(decays);
        ours.invalid_message_deliveries_weight * left * left
    }

    #[test]
    fn whoever_goes_on_lying_is_out_for_a_minute_each_time_and_a_single_slip_is_forgiven() {
        assert!(wrong(3.0, Duration::ZERO) + BEST < GRAYLIST);
        // With one more as soon as it is heard again.
        let again = ((GRAYLIST - BEST) / wrong(1.0, Duration::ZERO)).sqrt() + 1.0;
        assert!(wrong(again, Duration::from_secs(60)) + BEST < GRAYLIST);
        assert!(wrong(1.0, Duration::ZERO) >= thresholds().gossip_threshold);
        assert!(wrong(1.0, Duration::from_secs(5 * 60)) > -1.0);
    }

    #[test]
    fn whoever_reads_nothing_leaves_the_mesh_and_is_heard() {
        let params = params(TopicHash::from_raw("topic"));
        let each_second = |dropped: f64| dropped / (1.0 - params.slow_peer_decay);
        let score = |dropped| (each_second(dropped) - params.slow_peer_threshold) * params.slow_peer_weight;
        // As much as ten members say who each say what they may.
        assert!(score(500.0) + BEST < 0.0);
        assert!(score(2000.0) > UNHEARD);
    }
}
