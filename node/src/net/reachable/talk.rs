//! What is said: asking a relay, and hearing a number where it has dialled.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use airway_protocols::wire::{read_frame, write_frame};
use futures::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use libp2p::Multiaddr;

use super::wire::{self, Answer, DATA, Error, MAX_ANSWER, MAX_DATA, MAX_REQUEST};

/// An empty message says that a number is the right one.
const RIGHT: &[u8] = &[];

/// The numbers that relays were told to say, and whether each was heard. Shared with all connections; a relay that was asked
/// is in it until it has answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers(Arc<Mutex<HashMap<u64, bool>>>);

impl Numbers {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number that nobody else knows, to be told to a relay.
    pub(super) fn choose(&self) -> u64 {
        let number = rand::random();
        self.lock().insert(number, false);
        number
    }

    /// Notes that it was heard; whether it is one of them.
    fn hear(&self, number: u64) -> bool {
        self.lock().get_mut(&number).map(|heard| *heard = true).is_some()
    }

    /// Forgets a number; whether it was heard.
    pub(super) fn forget(&self, number: u64) -> bool {
        self.lock().remove(&number).unwrap_or_default()
    }
}

/// Asks a relay to dial an address, and say a number there; sends what data it wants.
pub(super) async fn ask<S>(mut stream: S, address: Multiaddr, number: u64) -> Result<Answer, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    say(&mut stream, &wire::request(&address, number)).await?;
    match answer(&mut stream).await? {
        Answer::Data(bytes) if DATA.contains(&bytes) => {
            let mut left = usize::try_from(bytes).unwrap_or_default();
            while left > 0 {
                let len = left.min(MAX_DATA);
                say(&mut stream, &wire::data(len)).await?;
                left -= len;
            }
            match answer(&mut stream).await? {
                Answer::Data(more) => Err(Error::Data(more)),
                answer => Ok(answer),
            }
        }
        Answer::Data(bytes) => Err(Error::Data(bytes)),
        answer => Ok(answer),
    }
}

/// Hears a number, and says so if it is one that we chose.
pub(super) async fn hear<S>(mut stream: S, numbers: Numbers) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let message = read_frame(&mut stream, MAX_ANSWER).await?.ok_or(Error::Ended)?;
    if numbers.hear(wire::number(&message)?) {
        say(&mut stream, RIGHT).await?;
        stream.close().await.map_err(airway_protocols::wire::Error::from)?;
    }
    Ok(())
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), message: &[u8]) -> Result<(), Error> {
    write_frame(stream, message, MAX_REQUEST).await?;
    Ok(stream.flush().await.map_err(airway_protocols::wire::Error::from)?)
}

async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> Result<Answer, Error> {
    let message = read_frame(stream, MAX_ANSWER).await?.ok_or(Error::Ended)?;
    wire::answer(&message)
}
