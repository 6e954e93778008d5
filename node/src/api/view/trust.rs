//! How trust looks to a caller: what others say stands apart from what we know.

use super::time;
use crate::{
    Node,
    api::{self, Asking, Claim, Contact, Pin, Said, Standing, Ticket, Trust, Which},
    contacts,
    protocols::ticket,
    trust::{Conflict, Request, TrustEvent},
};

impl Trust {
    /// Who is trusted.
    pub(in crate::api) fn trusted(node: &Node, contact: contacts::Contact) -> Self {
        let contact = Some(Contact::of(node, contact));
        Self { state: Standing::Trusted, contact, request: None, layer: None }
    }

    /// Who is not.
    pub(in crate::api) fn other(request: Request) -> Self {
        let request = api::Request::from(request);
        Self { state: request.state, contact: None, request: Some(request), layer: None }
    }
}

impl From<Request> for api::Request {
    fn from(request: Request) -> Self {
        Self {
            address: request.endpoint.to_string(),
            agent_id: request.agent.to_string(),
            state: request.standing.into(),
            alias: request.alias,
            invited: request.invited,
            scopes: request.scopes.into(),
            granted: request.granted.map(Into::into),
            since: time(request.since),
            expires: request.expires.map(time),
            untrusted: Asking { name: request.name, justification: request.justification },
        }
    }
}

impl From<TrustEvent> for api::TrustEvent {
    fn from(event: TrustEvent) -> Self {
        let (text, theirs) = if event.by_us { (event.text, None) } else { (None, event.text) };
        Self {
            seq: event.seq,
            at: time(event.at),
            address: event.endpoint.to_string(),
            agent_id: event.agent.to_string(),
            what: event.what,
            by_us: event.by_us,
            text,
            untrusted: Said { name: event.name, text: theirs },
        }
    }
}

impl From<crate::trust::Pin> for Pin {
    fn from(pin: crate::trust::Pin) -> Self {
        Self {
            address: pin.endpoint.to_string(),
            agent_id: pin.agent.to_string(),
            since: time(pin.since),
            claims: pin.conflicts.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Conflict> for Claim {
    fn from(claim: Conflict) -> Self {
        Self {
            address: claim.endpoint.to_string(),
            agent_id: claim.agent.to_string(),
            seen_at: time(claim.seen_at),
            untrusted: Said { name: claim.name, text: None },
        }
    }
}

impl From<&ticket::Ticket> for Ticket {
    fn from(ticket: &ticket::Ticket) -> Self {
        Self { ticket: ticket.to_string(), id: ticket.id().to_string(), expires: time(ticket.expires()) }
    }
}

impl Which {
    /// The standings that are meant.
    pub(in crate::api) fn standings(self) -> &'static [contacts::Standing] {
        use contacts::Standing::{Blocked, Pending, Requested};
        match self {
            Self::Pending => &[Pending],
            Self::Requested => &[Requested],
            Self::Blocked => &[Blocked],
            Self::All => &[Pending, Requested, Blocked],
        }
    }
}

impl From<contacts::Standing> for Standing {
    fn from(standing: contacts::Standing) -> Self {
        match standing {
            contacts::Standing::Stranger => Self::Stranger,
            contacts::Standing::Requested => Self::Requested,
            contacts::Standing::Pending => Self::Pending,
            contacts::Standing::Trusted => Self::Trusted,
            contacts::Standing::Blocked => Self::Blocked,
        }
    }
}
