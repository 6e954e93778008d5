//! Networks, as a program sees them.

use std::time::Duration;

use airway_protocols::{
    invite::{Invite, InviteId},
    tag::{MAX_TAGS, Tag},
};
use zeroize::Zeroizing;

use super::Node;
use crate::{
    me::Me,
    mesh::{InviteOptions, InviteState, MemberState, Mesh, MeshError, Network, NetworkOptions},
    trust::Trust,
};

/// Where the network has its members trust each other, it takes that back, too. Goes on until the network of the node ends.
pub(super) async fn end_trust_of_expelled(mesh: Mesh, trust: Trust) {
    let mut lists = mesh.lists();
    loop {
        lists.mark_unchanged();
        for agent in mesh.distrusted() {
            let Some(contact) = trust.contacts.get(&agent) else { continue };
            let reason = Some("expelled from the network".into());
            if let Err(error) = trust.revoke(&contact.endpoint().to_string(), reason).await {
                tracing::warn!(%error, "an agent that was expelled is still trusted");
            }
        }
        if lists.changed().await.is_err() {
            return;
        }
    }
}

impl Node {
    /// The private network that the agent belongs to; `None` on the backbone, or with a swarm key.
    ///
    /// # Errors
    /// If the file with the authority's key cannot be read.
    pub async fn network(&self) -> Result<Option<Network>, MeshError> {
        self.0.mesh.network().await
    }

    /// Founds a private network, with an authority of its own in this home, and becomes its first member. The number of
    /// the agent's address stays; the network's stands before it from now on.
    ///
    /// # Errors
    /// If the agent is in a network already, the name or the number cannot be one, or the disk fails.
    pub async fn create_network(&self, name: &str, options: NetworkOptions) -> Result<Network, MeshError> {
        self.0.mesh.create(name, options).await
    }

    /// Makes an invite: whoever presents it to this agent becomes a member.
    ///
    /// # Errors
    /// If our certificate does not allow it, or there are too many.
    pub async fn invite(&self, options: InviteOptions) -> Result<Invite, MeshError> {
        self.0.mesh.invite(options).await
    }

    /// Our invites that may be used, and those that ended lately.
    ///
    /// # Errors
    /// If the disk fails.
    pub async fn invites(&self) -> Result<Vec<InviteState>, MeshError> {
        self.0.mesh.invites().await
    }

    /// Makes an invite worthless; `false` if there is none. Who has used it stays a member.
    ///
    /// # Errors
    /// If the disk fails.
    pub async fn withdraw_invite(&self, id: InviteId) -> Result<bool, MeshError> {
        self.0.mesh.withdraw_invite(id).await
    }

    /// Presents an invite to the agent that made it, for as long as `wait`, and becomes a member; under its own name unless
    /// another is given.
    ///
    /// # Errors
    /// If the agent is in a network already, the invite is refused, or nobody answers.
    pub async fn join(
        &self,
        invite: &Invite,
        name: Option<&str>,
        wait: Duration,
    ) -> Result<Network, MeshError> {
        self.0.mesh.join(invite, name, wait).await
    }

    /// Goes back to the backbone; returns the network that was left. `abandon` says to do so although the key of its
    /// authority is in this home, where it stays.
    ///
    /// # Errors
    /// If the agent is in no network, holds its authority, or the disk fails.
    pub async fn leave_network(&self, abandon: bool) -> Result<Network, MeshError> {
        self.0.mesh.leave(abandon).await
    }

    /// The members that are known here: at whoever invites all that it has let in, elsewhere those that were met.
    ///
    /// # Errors
    /// If the agent is in no network, or the disk fails.
    pub async fn members(&self) -> Result<Vec<MemberState>, MeshError> {
        self.0.mesh.members().await
    }

    /// Expels a member: from the return of this call on we do not speak the network's protocols with it, and all
    /// members hear that they shall not either. Those whom it has invited are out as well.
    ///
    /// # Errors
    /// If the key of the authority is not in this home, nobody is meant, or the disk fails.
    pub async fn expel(&self, who: &str) -> Result<MemberState, MeshError> {
        self.0.mesh.expel(who).await
    }

    /// The key of the network's authority, sealed with a passphrase.
    ///
    /// # Errors
    /// If it is not in this home.
    pub async fn export_authority(&self, passphrase: Zeroizing<String>) -> Result<Vec<u8>, MeshError> {
        self.0.mesh.export_authority(passphrase).await
    }

    /// Takes the key of our network's authority into this home.
    ///
    /// # Errors
    /// If it is that of another network, or the passphrase is wrong.
    pub async fn import_authority(
        &self,
        sealed: Vec<u8>,
        passphrase: Zeroizing<String>,
    ) -> Result<Network, MeshError> {
        self.0.mesh.import_authority(sealed, passphrase).await
    }

    /// Changes the name or the tags by which others find us; what is absent stays. In a network whoever renews our
    /// certificate has to agree to the name.
    ///
    /// # Errors
    /// If the name is taken or cannot be one, there are too many tags, or nobody who may answers.
    pub async fn set_profile(
        &self,
        name: Option<Option<&str>>,
        tags: Option<Vec<Tag>>,
    ) -> Result<Me, MeshError> {
        if let Some(tags) = tags.as_ref().filter(|tags| tags.len() > MAX_TAGS) {
            return Err(MeshError::Tags(tags.len()));
        }
        if let Some(name) = name {
            self.0.mesh.set_name(name).await?;
        }
        if let Some(tags) = tags {
            self.0.mesh.set_tags(tags).await?;
        }
        Ok(self.me())
    }
}
