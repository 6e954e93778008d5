//! The network in the form. Bytes are in base64.

use airway_protocols::{
    certificate::Certificate,
    network::{Genesis, Realm},
    revocations::Revocations,
};
use data_encoding::BASE64;
use libp2p::Multiaddr;
use serde::{Deserialize, Serialize};

use super::Error;
use crate::{
    identity::Identity,
    store::{CarriedMesh, IssuedRow, IssuedState, Membership, Profile},
};

/// What the agent lets others find it by.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Found {
    claimed_at: u64,
    #[serde(default)]
    epoch: u64,
    name: Option<String>,
    tags: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Network {
    genesis: String,
    certificate: String,
    revocations: Option<String>,
    inviter: Option<String>,
    bootstraps: Vec<Multiaddr>,
    ephemeral: bool,
    joined_at: u64,
    issued: Vec<Issued>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Member,
    Left,
    Expelled,
}

/// A certificate that the agent gave out; who has it, and as what, stands in it.
#[derive(Serialize, Deserialize)]
struct Issued {
    certificate: String,
    issued_at: u64,
    invite: Option<String>,
    state: State,
}

/// The two parts of the form that this is.
pub(super) fn parts(mesh: &CarriedMesh) -> (Found, Option<Network>) {
    let Profile { name, tags } = mesh.profile.clone();
    let network = mesh.membership.as_ref().map(|place| Network::new(place, &mesh.issued));
    (Found { claimed_at: mesh.claimed_ms, epoch: mesh.event_epoch, name, tags }, network)
}

/// The reverse of [`parts`], for the agent with this key; checks all that is in it.
pub(super) fn checked(
    found: Found,
    network: Option<Network>,
    identity: &Identity,
) -> Result<CarriedMesh, Error> {
    let name = found.name.map(super::name).transpose()?;
    let (membership, issued) = match network {
        Some(network) => network.checked(identity)?,
        None => (None, Vec::new()),
    };
    let profile = Profile { name, tags: found.tags };
    let (claimed_ms, event_epoch) = (found.claimed_at, found.epoch);
    Ok(CarriedMesh { claimed_ms, event_epoch, profile, membership, issued })
}

impl Network {
    fn new(place: &Membership, issued: &[IssuedRow]) -> Self {
        let text = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| BASE64.encode(bytes));
        Self {
            genesis: BASE64.encode(&place.genesis),
            certificate: BASE64.encode(&place.certificate),
            revocations: text(&place.revocations),
            inviter: text(&place.inviter),
            bootstraps: place.bootstraps.clone(),
            ephemeral: place.ephemeral,
            joined_at: place.joined_ms,
            issued: issued.iter().map(Issued::from).collect(),
        }
    }

    fn checked(self, identity: &Identity) -> Result<(Option<Membership>, Vec<IssuedRow>), Error> {
        let genesis = bytes(&self.genesis)?;
        let realm = Realm::of(&Genesis::from_bytes(&genesis).map_err(Error::damaged)?);
        let certificate = bytes(&self.certificate)?;
        let read = Certificate::from_bytes(&certificate, &realm).map_err(Error::damaged)?;
        if read.agent() != identity.agent_id() {
            return Err(Error::damaged("its certificate is another agent's"));
        }
        let revocations = self.revocations.as_deref().map(bytes).transpose()?;
        let list = revocations.as_deref().map(|list| Revocations::from_bytes(list, &realm));
        let list = list.transpose().map_err(Error::damaged)?;
        let issued =
            self.issued.into_iter().map(|issued| issued.checked(&realm)).collect::<Result<_, _>>()?;
        let membership = Membership {
            genesis,
            certificate,
            revocations_version: list.map_or(0, |list| list.version()),
            revocations,
            inviter: self.inviter.as_deref().map(bytes).transpose()?,
            bootstraps: self.bootstraps,
            ephemeral: self.ephemeral,
            joined_ms: self.joined_at,
        };
        Ok((Some(membership), issued))
    }
}

impl From<&IssuedRow> for Issued {
    fn from(row: &IssuedRow) -> Self {
        let state = match row.state {
            IssuedState::Member => State::Member,
            IssuedState::Left => State::Left,
            IssuedState::Expelled => State::Expelled,
        };
        Self {
            certificate: BASE64.encode(&row.certificate),
            issued_at: row.issued_ms,
            invite: row.invite.map(|id| BASE64.encode(&id)),
            state,
        }
    }
}

impl Issued {
    fn checked(self, realm: &Realm) -> Result<IssuedRow, Error> {
        let bytes_of_it = bytes(&self.certificate)?;
        let certificate = Certificate::from_bytes(&bytes_of_it, realm).map_err(Error::damaged)?;
        let invite = self.invite.as_deref().map(bytes).transpose()?;
        let invite = invite.map(|id| id.try_into().map_err(|_| Error::damaged("an invite has no such id")));
        Ok(IssuedRow {
            agent: *certificate.agent().as_bytes(),
            name: certificate.name().map(ToString::to_string),
            node: certificate.address().node(),
            expires_ms: certificate.expires(),
            certificate: bytes_of_it,
            issued_ms: self.issued_at,
            invite: invite.transpose()?,
            state: match self.state {
                State::Member => IssuedState::Member,
                State::Left => IssuedState::Left,
                State::Expelled => IssuedState::Expelled,
            },
        })
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, Error> {
    BASE64.decode(text.as_bytes()).map_err(Error::damaged)
}
