//! Gossipsub as we run it, and for whom.

use std::{collections::HashSet, time::Duration};

use airway_protocols::gate::{
    Policy,
    admission::{self, Admission},
};
use libp2p::{
    PeerId,
    gossipsub::{
        self, Config, ConfigBuilder, IdentTopic, IdentityTransform, Message, MessageAuthenticity, MessageId,
        ValidationMode, Version, WhitelistSubscriptionFilter,
    },
};

use super::{
    Gossip,
    guard::{self, Guard},
    scores,
};

/// One frame on the wire, as every agent may send it: an event of 60 KiB with all that is around it.
const MAX_FRAME: usize = 64 * 1024;

/// What is read at a time. Gossipsub counts all that it has read against the limit of a frame, also what belongs to the next
/// one: without room for that, a long message ends the stream whenever another follows at once.
const READ_AHEAD: usize = 8 * 1024;

/// Control messages and subscriptions of one frame.
const MAX_CONTROL: usize = 8 * 1024;

/// Ids in one `IHAVE` or `IWANT`: those of 20 bytes take 22 each, and are to fit into [`MAX_CONTROL`] with room to spare.
const MAX_IDS: usize = 300;

/// Messages in one frame. Ours have one; agents in Go put together what waits.
const MAX_MESSAGES: usize = 100;

/// Announcements of one peer that are looked at between two heartbeats.
const MAX_ANNOUNCEMENTS: usize = 10;

/// Messages that wait for one peer to read them; a further one is dropped, and costs it score. Whoever reads nothing has us
/// hold 15 MiB of the longest until it goes. All that we say at once fits, and half a second of ten others.
const QUEUE: usize = 256;

/// How long one may wait there: one of our own, and one that is passed on.
const PUBLISHED: Duration = Duration::from_secs(5);
const FORWARDED: Duration = Duration::from_secs(1);

/// Neighbours in the mesh at most. Gossipsub looks for five or six by itself, and takes in those that come: in a network with
/// few whom everybody finds, they are the only neighbours of many.
const NEIGHBOURS: usize = 48;

/// Those outside of the mesh who are told each second what there was in the last five, so that they can ask for it.
const TOLD: usize = 12;

/// Seconds for which a message is kept for those who ask for it, and told of.
const KEPT: usize = 5;

/// How long an id is remembered: for as long as a message may travel.
const SEEN: Duration = Duration::from_secs(120);

/// The behaviour behind its gate; with nothing behind it as long as we take part in no network that has a topic.
pub(crate) type Behaviour = Admission<Guard, Members>;

/// What it says.
pub(crate) type Event = admission::Event<guard::Event>;

/// Who is served from the start: nobody. Members prove on every connection that they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Members;

impl Policy for Members {
    fn admits(&self, _: &PeerId) -> bool {
        false
    }
}

/// Gossipsub for a network, nobody connected and the topic not joined.
pub(crate) fn build(gossip: &Gossip) -> Result<Guard, String> {
    let topic = IdentTopic::new(&gossip.topic);
    let filter = WhitelistSubscriptionFilter(HashSet::from([topic.hash()]));
    // What an event says is signed inside: by whom, for which network, when. Nothing of it is said twice.
    let authenticity = MessageAuthenticity::Anonymous;
    let config = config(gossip).map_err(|error| error.to_string())?;
    let mut inner = gossipsub::Behaviour::<IdentityTransform, _>::new_with_subscription_filter(
        authenticity,
        config,
        filter,
    )?;
    inner.with_peer_score(scores::params(topic.hash()), scores::thresholds())?;
    Ok(Guard::new(inner, topic))
}

fn config(gossip: &Gossip) -> Result<Config, gossipsub::ConfigBuilderError> {
    ConfigBuilder::default()
        .protocol_id(gossip.protocol.as_ref().to_owned(), Version::V1_1)
        .validation_mode(ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(|message: &Message| message_id(&message.data))
        .duplicate_cache_time(SEEN)
        .max_transmit_size(MAX_FRAME + READ_AHEAD)
        .max_publish_messages(MAX_MESSAGES)
        .max_control_message_size(MAX_CONTROL)
        .max_control_messages_sent(MAX_IDS)
        .max_ihave_messages_heartbeat(MAX_ANNOUNCEMENTS)
        .prune_peers(0)
        .mesh_n_high(NEIGHBOURS)
        .gossip_lazy(TOLD)
        .history_length(KEPT)
        .history_gossip(KEPT)
        .flood_publish(true)
        .connection_handler_queue_len(QUEUE)
        .publish_queue_duration(PUBLISHED)
        .forward_queue_duration(FORWARDED)
        .build()
}

/// The id of a message: of all its bytes, so that nobody can take the place of one with another.
pub(crate) fn message_id(data: &[u8]) -> MessageId {
    MessageId::from(airway_protocols::events::broadcast::message_id(data).to_vec())
}

/// Whether a message fits a frame, which says besides that there is one, and for which topic.
pub(crate) fn fits(topic: &str, data: &[u8]) -> bool {
    /// Three tags, and three lengths of up to three bytes.
    const AROUND: usize = 12;
    data.len() + topic.len() + AROUND <= MAX_FRAME
}
