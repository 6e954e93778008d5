//! Our part in what is said to all members of the network.

use super::Node;
use crate::net::GossipState;

#[cfg(test)]
mod tests;

impl Node {
    /// Whether we take part in what is said to all members, which of them are connected and speak gossip with us, and what we
    /// think of them. Outside of a network with an authority there is nobody.
    pub async fn gossip(&self) -> GossipState {
        self.0.net.gossip_state().await
    }
}
