//! Relations and pins in the form. Bytes are in base64.

use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
};
use data_encoding::BASE64;
use libp2p::Multiaddr;
use serde::{Deserialize, Serialize};

use super::{Checked, Error, Who, name};
use crate::{contacts::MAX_MULTIADDRS, store};

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Stranger,
    Requested,
    Pending,
    Trusted,
    Blocked,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Relation {
    #[serde(flatten)]
    who: Who,
    state: State,
    generation: u64,
    heard: u64,
    spoke: u64,
    request: Option<String>,
    name: Option<String>,
    alias: Option<String>,
    multiaddrs: Vec<Multiaddr>,
    justification: Option<String>,
    source: Option<String>,
    invited: bool,
    scopes: Option<String>,
    granted: Option<String>,
    since: u64,
    expires_at: Option<u64>,
    said: Option<String>,
    said_ticket: Option<String>,
    said_proof: Option<String>,
    said_until: Option<u64>,
    known: bool,
}

impl From<&store::Relation> for Relation {
    fn from(relation: &store::Relation) -> Self {
        let text = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| BASE64.encode(bytes));
        Self {
            who: Who::new(relation.agent, &relation.public_key, relation.address),
            state: relation.state.into(),
            generation: relation.generation,
            heard: relation.heard,
            spoke: relation.spoke_ms,
            request: relation.request.map(|id| BASE64.encode(&id)),
            name: relation.name.clone(),
            alias: relation.alias.clone(),
            multiaddrs: relation.multiaddrs.clone(),
            justification: relation.justification.clone(),
            source: relation.source.clone(),
            invited: relation.invited,
            scopes: text(&relation.scopes),
            granted: text(&relation.granted),
            since: relation.since_ms,
            expires_at: relation.expires_at_ms,
            said: text(&relation.said),
            said_ticket: text(&relation.said_ticket),
            said_proof: text(&relation.said_proof),
            said_until: relation.said_until_ms,
            known: relation.known,
        }
    }
}

impl Relation {
    /// As the store keeps it, if key, id and address fit each other.
    pub(super) fn checked(self) -> Result<store::Relation, Error> {
        let Checked { agent, public_key, address } = self.who.checked()?;
        let damaged = || Error::damaged(format!("the relation to {} is not what it says", self.who.address));
        let bytes = |text: Option<String>| {
            text.map(|text| BASE64.decode(text.as_bytes())).transpose().map_err(|_| damaged())
        };
        let request = bytes(self.request)?.map(TryInto::try_into).transpose().map_err(|_| damaged())?;
        Ok(store::Relation {
            agent,
            public_key,
            state: self.state.into(),
            generation: self.generation,
            heard: self.heard,
            spoke_ms: self.spoke,
            request,
            address,
            name: self.name.map(name).transpose()?,
            alias: self.alias.map(name).transpose()?,
            multiaddrs: self.multiaddrs.into_iter().take(MAX_MULTIADDRS).collect(),
            justification: self.justification,
            source: self.source,
            invited: self.invited,
            scopes: bytes(self.scopes)?,
            granted: bytes(self.granted)?,
            since_ms: self.since,
            expires_at_ms: self.expires_at,
            said: bytes(self.said)?,
            said_ticket: bytes(self.said_ticket)?,
            said_proof: bytes(self.said_proof)?,
            said_until_ms: self.said_until,
            known: self.known,
        })
    }
}

impl From<store::RelationState> for State {
    fn from(state: store::RelationState) -> Self {
        match state {
            store::RelationState::Stranger => Self::Stranger,
            store::RelationState::Requested => Self::Requested,
            store::RelationState::Pending => Self::Pending,
            store::RelationState::Trusted => Self::Trusted,
            store::RelationState::Blocked => Self::Blocked,
        }
    }
}

impl From<State> for store::RelationState {
    fn from(state: State) -> Self {
        match state {
            State::Stranger => Self::Stranger,
            State::Requested => Self::Requested,
            State::Pending => Self::Pending,
            State::Trusted => Self::Trusted,
            State::Blocked => Self::Blocked,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct Pin {
    agent_id: AgentId,
    address: String,
    since: u64,
}

impl From<&store::Pin> for Pin {
    fn from(pin: &store::Pin) -> Self {
        let agent_id = AgentId::from_bytes(pin.agent);
        let address = Endpoint::full(Address::from_bytes(pin.address), &agent_id).to_string();
        Self { agent_id, address, since: pin.since_ms }
    }
}

impl Pin {
    /// As the store keeps it, if id and address fit each other.
    pub(super) fn checked(self) -> Result<store::Pin, Error> {
        let endpoint = self.address.parse::<Endpoint>().ok();
        let named = endpoint
            .filter(|endpoint| endpoint.fingerprint.is_some_and(|print| print.matches(&self.agent_id)));
        let damaged = || Error::damaged(format!("the pin of {} is not what it says", self.address));
        let address = named.ok_or_else(damaged)?.address.to_bytes();
        Ok(store::Pin { address, agent: *self.agent_id.as_bytes(), since_ms: self.since })
    }
}
