//! Publishing to the broker of a contact.

use std::{io, time::Duration};

use airway_protocols::{
    events::{self, Position, Publication},
    port::Port,
    streams::Stream,
    wire,
};
use futures::AsyncWriteExt as _;
use tokio::time::timeout;

use super::{
    super::reach::{DialError, Reach},
    error::PublishError,
};
use crate::contacts::Contact;

/// Hands an event to the broker of a contact, and waits until it has taken it in.
pub(crate) async fn publish(
    reach: &Reach,
    to: &Contact,
    publication: Publication,
    wait: Duration,
) -> Result<Position, PublishError> {
    publication.validate()?;
    let published = timeout(wait, exchange(reach, to, &publication, wait)).await;
    let position = published.map_err(|_| DialError::Timeout { who: to.label() })??;
    reach.contacts.used(to.agent);
    Ok(position)
}

async fn exchange(
    reach: &Reach,
    to: &Contact,
    publication: &Publication,
    wait: Duration,
) -> Result<Position, PublishError> {
    let mut stream = match reach.dial(to, Port::EVENTS, wait).await {
        // A connection may be about to end, as after a change of scopes. Nothing was said yet that could be taken twice.
        Err(DialError::Broken { .. }) => reach.dial(to, Port::EVENTS, wait).await?,
        taken => taken?,
    };
    let answer = match hand_over(&mut stream, publication).await {
        Ok(answer) => answer,
        Err(events::Error::Invalid(invalid)) => return Err(invalid.into()),
        Err(error) => return Err(reach.failed(to, Port::EVENTS, broken(error)).await.into()),
    };
    // Closed as far as the contact takes note.
    let _ = stream.close().await;
    answer.map_err(|why| PublishError::Denied { who: to.label(), why })
}

async fn hand_over(
    stream: &mut Stream,
    publication: &Publication,
) -> Result<events::Published, events::Error> {
    events::start(stream).await?;
    events::publish(stream, publication).await?;
    events::read_published(stream).await
}

/// What broke an exchange, with the refusal inside if it was one.
pub(super) fn broken(error: events::Error) -> io::Error {
    match error {
        events::Error::Wire(wire::Error::Io(error)) => error,
        other => io::Error::other(other),
    }
}
