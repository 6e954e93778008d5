//! A member that writes what it likes.

use std::{future::Future, time::Duration};

use airway_protocols::{
    gate::admission::Turn,
    streams::{Behaviour as Streams, Control, Limits, OpenToAll},
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::{
    PeerId, Swarm, SwarmBuilder,
    core::upgrade::Version,
    swarm::{ConnectionId, SwarmEvent},
};
use tokio::time::timeout;

use super::pair::{LISTEN, MESHSUB, PATIENCE, TOPIC, heard, member};
use crate::net::gossip::Behaviour;
