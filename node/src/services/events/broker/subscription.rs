//! A subscriber is told what its cursor reads, as fast as it takes it.

use std::{pin::pin, time::Duration};

use airway_protocols::events::{Error, Told, encode};
use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::super::{
    super::patient::Patient,
    Events,
    log::{Cursor, Item},
};

/// Frames up to this size are copied together, since each write costs more than so many bytes; larger ones go out from where
/// they lie.
const TOGETHER: usize = 16 * 1024;

/// Tells a subscriber that it is one, and then whatever comes, until it leaves or takes no byte for so long.
pub(super) async fn serve<S>(stream: S, cursor: Cursor, logs: &Events, stalled: Duration) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut reader, writer) = stream.split();
    let mut teller = pin!(tell_all(Patient::new(writer, stalled), cursor, logs));
    let mut word = [0];
    tokio::select! {
        ended = &mut teller => ended,
        // It has nothing to say any more: its end, or a word too much, ends the subscription.
        _ = reader.read(&mut word) => Ok(()),
    }
}

async fn tell_all<S>(mut writer: S, mut cursor: Cursor, logs: &Events) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    let subscribed = encode(&Told::Subscribed(cursor.begun()))?;
    writer.write_all(&subscribed).await?;
    writer.flush().await?;
    loop {
        let items = cursor.next().await;
        if items.is_empty() {
            // The agent shuts down.
            return Ok(writer.close().await?);
        }
        write(&mut writer, &items).await?;
        let gaps = items.iter().filter(|item| matches!(item, Item::Gap(_))).count();
        logs.metrics.delivered.some("event", (items.len() - gaps) as u64);
        logs.metrics.delivered.some("gap", gaps as u64);
    }
}

/// Writes a batch, and flushes once.
async fn write<S>(writer: &mut S, items: &[Item]) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    let mut together = Vec::new();
    for item in items {
        let gap;
        let frame = match item {
            Item::Event(entry) => &*entry.frame,
            Item::Gap(what) => {
                gap = encode(&Told::Gap(*what))?;
                &gap
            }
        };
        if together.len() + frame.len() > TOGETHER {
            writer.write_all(&together).await?;
            together.clear();
        }
        if frame.len() > TOGETHER {
            writer.write_all(frame).await?;
        } else {
            together.extend_from_slice(frame);
        }
    }
    writer.write_all(&together).await?;
    Ok(writer.flush().await?)
}
