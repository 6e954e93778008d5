//! How the outbox looks to a caller.

use super::{
    super::{Kind, OutboxEvent, OutboxItem, Sent, State},
    time,
};
use crate::{Node, Outbound, Status, contacts};

impl Sent {
    pub(in crate::api) fn of(to: &contacts::Contact, size: u64, sent: crate::Sent) -> Self {
        let (id, to) = (sent.id().to_string(), to.endpoint().to_string());
        let duplicate = sent.is_duplicate();
        let (state, reason) = match sent {
            crate::Sent::Delivered { .. } => (State::Delivered, None),
            crate::Sent::Waiting { obstacle, .. } => (State::Waiting, Some(obstacle.into())),
        };
        Self { id, to, size, state, duplicate, reason }
    }
}

impl OutboxItem {
    pub(in crate::api) fn of(node: &Node, item: Outbound) -> Self {
        let contact = node.contact(&item.to);
        let event = OutboxEvent::of(&item, &item.status);
        Self {
            seq: item.seq,
            id: item.id.to_string(),
            to: contact
                .as_ref()
                .map_or_else(|| node.endpoint_of(&item.to), contacts::Contact::endpoint)
                .to_string(),
            name: contact.and_then(|contact| contact.alias.or(contact.name)),
            kind: if item.file.is_some() { Kind::File } else { item.kind.into() },
            file: item.file,
            reply_to: item.reply_to.map(|id| id.to_string()),
            size: item.size,
            queued_at: time(item.queued_at),
            expires_at: time(item.expires_at),
            state: if item.failed.is_some() { State::Failed } else { event.state },
            sent: event.sent,
            reason: item.failed.or(event.reason.map(|reason| reason.message)),
        }
    }
}

impl OutboxEvent {
    pub(in crate::api) fn of(item: &Outbound, status: &Status) -> Self {
        let size = item.size;
        let (state, sent, reason) = match status {
            Status::Waiting(obstacle) => (State::Waiting, 0, obstacle.clone().map(Into::into)),
            Status::Sending { sent } => (State::Sending, *sent, None),
            Status::Delivered { .. } => (State::Delivered, size, None),
            Status::Failed(error) => (State::Failed, 0, Some(error.clone().into())),
        };
        Self { id: item.id.to_string(), state, sent, size, reason }
    }
}
