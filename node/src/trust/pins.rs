//! Which agent each address belongs to, as far as we have trusted somebody there; and who else claims it.

use airway_protocols::{
    address::{Address, Endpoint},
    agent::AgentId,
};

use super::Trust;
use crate::{
    alarms::Alarm,
    clock,
    contacts::{ChangeError, WhoError},
    store,
};

/// An address, and the agent that we first trusted there.
#[derive(Debug, Clone)]
pub struct Pin {
    /// Address and fingerprint.
    pub endpoint: Endpoint,
    /// The agent.
    pub agent: AgentId,
    /// Unix milliseconds.
    pub since: u64,
    /// Other agents that have claimed the address.
    pub conflicts: Vec<Conflict>,
}

/// An agent that claims an address which is pinned to another.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// Address and fingerprint.
    pub endpoint: Endpoint,
    /// The agent.
    pub agent: AgentId,
    /// What it calls itself.
    pub name: Option<String>,
    /// Unix milliseconds.
    pub seen_at: u64,
}

/// The error for whoever claims an address of another.
pub(super) fn taken(address: Address, holder: &AgentId) -> ChangeError {
    let holder = Endpoint::full(address, holder).to_string();
    ChangeError::AddressTaken { address: address.to_string(), holder }
}

impl Trust {
    /// The agent to which an address is pinned.
    pub(crate) async fn pinned(&self, address: &Address) -> Result<Option<AgentId>, store::Error> {
        Ok(self.store.pin(address.to_bytes()).await?.map(AgentId::from_bytes))
    }

    /// All pins, with what is claimed against them.
    pub(crate) async fn pins(&self) -> Result<Vec<Pin>, store::Error> {
        let mut conflicts = self.store.pin_conflicts().await?;
        let pin = |pin: store::Pin| {
            let address = Address::from_bytes(pin.address);
            let of_this = conflicts.extract_if(.., |conflict| conflict.address == pin.address);
            Pin {
                endpoint: Endpoint::full(address, &AgentId::from_bytes(pin.agent)),
                agent: AgentId::from_bytes(pin.agent),
                since: pin.since_ms,
                conflicts: of_this.map(Conflict::from).collect(),
            }
        };
        Ok(self.store.pins_list().await?.into_iter().map(pin).collect())
    }

    /// Settles whose address it is: that of the agent with the fingerprint in `who`.
    pub(crate) async fn settle_pin(&self, who: &str) -> Result<Pin, ChangeError> {
        let endpoint: Endpoint =
            who.trim().parse().map_err(|source| WhoError::Address { who: who.into(), source })?;
        let Some(fingerprint) = endpoint.fingerprint else {
            return Err(ChangeError::NoFingerprint { who: who.into() });
        };
        let pins = self.pins().await?;
        let pin = pins.into_iter().find(|pin| pin.endpoint.address == endpoint.address);
        let pin = pin.ok_or(ChangeError::NoPin)?;
        let claimants = pin.conflicts.iter().map(|conflict| conflict.agent).chain([pin.agent]);
        let agent = claimants.into_iter().find(|agent| fingerprint.matches(agent));
        let agent = agent.ok_or(ChangeError::NoPin)?;
        self.store.pin_settle(endpoint.address.to_bytes(), *agent.as_bytes()).await?;
        for conflict in &pin.conflicts {
            self.alarms.clear(Alarm::AddressConflict(endpoint.address, conflict.agent));
        }
        let endpoint = Endpoint::full(endpoint.address, &agent);
        Ok(Pin { endpoint, agent, conflicts: Vec::new(), ..pin })
    }

    /// Notes that an agent claims the address of another, on the disk and for the owner to see.
    pub(super) async fn note_conflict(
        &self,
        address: Address,
        agent: AgentId,
        name: Option<String>,
    ) -> Result<(), store::Error> {
        let conflict = store::PinConflict {
            address: address.to_bytes(),
            agent: *agent.as_bytes(),
            seen_at_ms: clock::unix_ms(),
            name,
        };
        self.store.pin_conflict_add(conflict).await?;
        if self.alarms.raise(Alarm::AddressConflict(address, agent), None) {
            tracing::error!(claimant = %Endpoint::full(address, &agent), "an agent claims the address of another");
        }
        Ok(())
    }

    /// Raises the alarms again that nobody has settled.
    pub(super) async fn recall_conflicts(&self) -> Result<(), store::Error> {
        for conflict in self.store.pin_conflicts().await? {
            let (address, agent) =
                (Address::from_bytes(conflict.address), AgentId::from_bytes(conflict.agent));
            self.alarms.raise(Alarm::AddressConflict(address, agent), None);
        }
        Ok(())
    }
}

impl From<store::PinConflict> for Conflict {
    fn from(row: store::PinConflict) -> Self {
        let agent = AgentId::from_bytes(row.agent);
        let endpoint = Endpoint::full(Address::from_bytes(row.address), &agent);
        Self { endpoint, agent, name: row.name, seen_at: row.seen_at_ms }
    }
}
