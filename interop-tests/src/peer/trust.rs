//! Cards, tickets, requests, contacts.

use airway::{Ask, Node, Standing, TICKET_LIFE, Terms, protocols::card::Card};
use serde_json::json;

use super::{Answer, WAIT, done};

pub(super) fn card(node: &Node) -> Answer {
    Ok(json!({ "card": node.card()?.to_string(), "endpoint": node.me().endpoint().to_string() }))
}

pub(super) async fn ticket(node: &Node) -> Answer {
    let ticket = node.ticket(Terms::default(), TICKET_LIFE, false).await?;
    Ok(json!({ "ticket": ticket.to_string() }))
}

pub(super) async fn pair(node: &Node, ticket: &str) -> Answer {
    let contact = node.pair(&ticket.parse()?, Terms::default(), WAIT).await?;
    Ok(json!({ "who": contact.endpoint().to_string() }))
}

/// Done as soon as the request is on our disk: it is said until the other answers.
pub(super) async fn knock(node: &Node, card: &str, text: String) -> Answer {
    let card: Card = card.parse()?;
    node.trust(&card, Ask { justification: Some(text), ..Ask::default() }).await?;
    done()
}

pub(super) async fn requests(node: &Node) -> Answer {
    let requests = node.requests(&[Standing::Pending]).await?.into_iter().map(|request| {
        json!({ "who": request.endpoint.to_string(), "name": request.name, "text": request.justification })
    });
    Ok(json!({ "requests": requests.collect::<Vec<_>>() }))
}

pub(super) async fn approve(node: &Node, who: &str) -> Answer {
    node.approve(who, Terms::default()).await?;
    done()
}

pub(super) async fn reject(node: &Node, who: &str) -> Answer {
    node.reject(who, true, None).await?;
    done()
}

/// Those whom we trust, and those whom we have asked.
pub(super) async fn contacts(node: &Node) -> Answer {
    let asked = node.requests(&[Standing::Requested]).await?;
    let asked = asked.into_iter().map(|request| (request.endpoint, request.name, "requested"));
    let trusted = node.contacts().into_iter().map(|one| (one.endpoint(), one.name.clone(), "trusted"));
    let all = trusted
        .chain(asked)
        .map(|(who, name, state)| json!({ "who": who.to_string(), "name": name, "state": state }));
    Ok(json!({ "contacts": all.collect::<Vec<_>>() }))
}

pub(super) async fn untrust(node: &Node, who: &str) -> Answer {
    node.untrust(who, None).await?;
    done()
}
