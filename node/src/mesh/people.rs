//! The members, as far as they are known here, and the key of whoever decides about them.

use std::collections::{BTreeMap, HashSet};

use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
    certificate::{Certificate, Invalid},
    name::Name,
};
use zeroize::Zeroizing;

use super::{MemberState, Membership, Mesh, MeshError, Network, found::read_name};
use crate::{
    authority::Authority,
    clock,
    contacts::Known,
    store::{IssuedRow, IssuedState},
};

impl Known for MemberState {
    fn agent(&self) -> AgentId {
        self.agent
    }

    fn address(&self) -> Address {
        self.endpoint.address
    }

    fn alias(&self) -> Option<&str> {
        None
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl Mesh {
    /// All members known here, by address.
    pub(crate) async fn members(&self) -> Result<Vec<MemberState>, MeshError> {
        let standing = self.standing().ok_or(MeshError::NotInNetwork)?;
        let mut known = BTreeMap::new();
        for row in self.store.issued_list().await? {
            if let Ok(certificate) = Certificate::from_bytes(&row.certificate, &standing.realm) {
                known.insert(certificate.agent(), self.state(&certificate, Some(&row)));
            }
        }
        for remembered in self.store.mesh_peers().await? {
            if let Ok(certificate) = Certificate::from_bytes(&remembered.certificate, &standing.realm) {
                let state =
                    known.entry(certificate.agent()).or_insert_with(|| self.state(&certificate, None));
                state.seen = Some(remembered.seen_ms);
                state.serves = remembered.serves;
            }
        }
        let connected: HashSet<_> =
            self.net.connections().into_iter().map(|connection| connection.peer).collect();
        for member in self.net.shared().members.list() {
            let (certificate, serves) = (&member.certificate, member.serves);
            let state = known.entry(certificate.agent()).or_insert_with(|| self.state(certificate, None));
            (state.seen, state.serves) = (Some(member.met), serves);
            state.connected = connected.contains(&certificate.peer());
        }
        let own = &standing.certificate;
        let ours = known.entry(own.agent()).or_insert_with(|| self.state(own, None));
        (ours.connected, ours.serves, ours.seen) = (true, self.serves(), Some(clock::unix_ms()));
        let mut members: Vec<_> = known.into_values().collect();
        members.sort_by_key(|member| member.endpoint.address);
        Ok(members)
    }

    fn state(&self, certificate: &Certificate, row: Option<&IssuedRow>) -> MemberState {
        let stands = certificate.stands(clock::unix_ms(), &self.net.shared().members.revocations());
        let membership = match (stands, row.map(|row| row.state)) {
            (Err(Invalid::Expelled), _) | (_, Some(IssuedState::Expelled)) => Membership::Expelled,
            (_, Some(IssuedState::Left)) => Membership::Left,
            (Err(_), _) => Membership::Expired,
            (Ok(()), _) => Membership::Member,
        };
        MemberState {
            agent: certificate.agent(),
            endpoint: Endpoint::full(certificate.address(), &certificate.agent()),
            name: certificate.name().map(ToString::to_string),
            roles: certificate.roles(),
            expires: certificate.expires(),
            seen: None,
            connected: false,
            serves: false,
            membership,
        }
    }

    /// What the agent is called; in a network, whoever renews our certificate has to agree.
    pub(crate) async fn set_name(&self, name: Option<&str>) -> Result<(), MeshError> {
        let name: Option<Name> = name.map(read_name).transpose()?;
        let text = name.as_ref().map(ToString::to_string);
        if self.standing().is_some() {
            self.renew(Some(name)).await?;
        } else {
            self.own.change(|me| me.name.clone_from(&text));
        }
        let mut profile = self.store.profile().await?;
        profile.name = text;
        self.store.set_profile(profile).await?;
        Ok(())
    }

    /// The authority's key, sealed with a passphrase.
    pub(crate) async fn export_authority(&self, passphrase: Zeroizing<String>) -> Result<Vec<u8>, MeshError> {
        let authority = self.authority()?.ok_or(MeshError::NotAuthority)?;
        // Sealing takes a second of work on purpose.
        let sealed = tokio::task::spawn_blocking(move || authority.export(passphrase)).await;
        Ok(sealed.map_err(|_| crate::store::Error::Aborted)??)
    }

    /// Takes the key of our network's authority into this home; a home that is in no network enters it by that.
    pub(crate) async fn import_authority(
        &self,
        sealed: Vec<u8>,
        passphrase: Zeroizing<String>,
    ) -> Result<Network, MeshError> {
        if self.config.swarm_key.is_some() {
            return Err(MeshError::SwarmKey);
        }
        let opened = tokio::task::spawn_blocking(move || Authority::import(&sealed, passphrase)).await;
        let authority = opened.map_err(|_| crate::store::Error::Aborted)??;
        let Some(standing) = self.standing() else {
            authority.save(&self.home)?;
            self.turn(|mesh| async move { mesh.enter_with(authority).await }).await?;
            return self.network().await?.ok_or(MeshError::NotInNetwork);
        };
        // Also of one whose own membership is over: with the key it gives itself another.
        if authority.genesis().id() != standing.genesis.id() {
            return Err(MeshError::OtherAuthority { name: authority.genesis().name().to_string() });
        }
        authority.save(&self.home)?;
        // A certificate of the authority itself, which may invite.
        self.renew(None).await?;
        self.turn(|mesh| async move {
            let standing = mesh.still(&standing)?;
            mesh.enter(Some(standing), mesh.net.shared().members.revocations()).await;
            Ok(())
        })
        .await?;
        self.network().await?.ok_or(MeshError::NotInNetwork)
    }
}
