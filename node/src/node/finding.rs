//! What of us others may find, and our part in that.

use super::Node;
use crate::config::Visibility;

impl Node {
    /// What of us others may find, beside those to whom our owner hands our card.
    pub fn visibility(&self) -> Visibility {
        self.0.mesh.visibility()
    }

    /// Whether we take part in the DHT of our network.
    pub fn takes_part(&self) -> bool {
        self.0.mesh.takes_part()
    }

    /// Whether we keep for others what they have to say in it.
    pub fn serves(&self) -> bool {
        self.0.mesh.is_server()
    }
}
