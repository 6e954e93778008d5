//! Who may open streams of which protocol: asked at every stream, so that an answer may change at any time.

use libp2p::{PeerId, StreamProtocol};

/// Who may open streams of which protocol to us.
///
/// A protocol that a peer may not open is not offered to it: it looks the same as one that does not exist. Streams that
/// are open already go on; [`super::Control::cut`] ends those. What we open ourselves is nobody's business but ours.
pub trait Policy: std::fmt::Debug + Send + Sync + 'static {
    /// Whether the peer may open a stream of this protocol now. Must not block.
    fn offers(&self, peer: &PeerId, protocol: &StreamProtocol) -> bool;

    /// Changes whenever an answer may have changed, and not before the new answer is given: what was heard under a
    /// version is not asked again until there is another.
    ///
    /// Read at every poll of every connection: an atomic load.
    fn version(&self) -> u64;
}

/// Everybody may open everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenToAll;

impl Policy for OpenToAll {
    fn offers(&self, _: &PeerId, _: &StreamProtocol) -> bool {
        true
    }

    fn version(&self) -> u64 {
        0
    }
}
