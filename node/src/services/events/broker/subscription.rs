//! A subscriber is told what its cursor reads, as fast as it takes it.

use std::{pin::pin, time::Duration};

use airway_protocols::events::{Error, Told, encode};
use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::yield_now;

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
        // A window takes many batches, and the thread of the network has others to serve.
        yield_now().await;
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

#[cfg(test)]
mod tests {
    use std::io;

    use airway_protocols::{
        agent::AgentId,
        events::{Pattern, Patterns, Publication, Since, told},
        wire,
    };
    use tokio_util::compat::TokioAsyncReadCompatExt as _;

    use super::*;
    use crate::metrics::{Metrics, commit_seconds};

    const STALLED: Duration = Duration::from_millis(100);

    fn logs() -> Events {
        let (metrics, _) = Metrics::new(commit_seconds());
        Events::new(AgentId::from_bytes([1; 32]), 1, metrics)
    }

    fn publish(logs: &Events, size: usize) {
        logs.publish(Publication { topic: "a".parse().unwrap(), payload: vec![7; size] }).unwrap();
    }

    fn cursor(logs: &Events) -> Cursor {
        logs.own.cursor(&Since::Start, vec![[Pattern::any()].iter().collect::<Patterns>()])
    }

    #[tokio::test]
    async fn who_takes_no_byte_for_too_long_is_given_up() {
        let logs = logs();
        let (near, far) = tokio::io::duplex(1024);
        publish(&logs, 4096);
        let ended = serve(near.compat(), cursor(&logs), &logs, STALLED).await;
        let Err(Error::Wire(wire::Error::Io(error))) = ended else { panic!("{ended:?}") };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(far);
    }

    #[tokio::test]
    async fn who_waits_for_events_is_not_given_up_however_long_there_is_none() {
        let logs = logs();
        let (near, far) = tokio::io::duplex(1024);
        let (served, cursor) = (logs.clone(), cursor(&logs));
        let begun = cursor.begun();
        let serving = tokio::spawn(async move { serve(near.compat(), cursor, &served, STALLED).await });
        let mut far = far.compat();
        let mut first = vec![0; encode(&Told::Subscribed(begun)).unwrap().len()];
        far.read_exact(&mut first).await.unwrap();
        tokio::time::sleep(3 * STALLED).await;
        for size in [1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 1] {
            publish(&logs, size);
            let Some(Told::Event(event)) = told(&mut far).await.unwrap() else { panic!("no event") };
            assert_eq!(event.payload.len(), size);
        }
        drop(far);
        serving.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn the_end_of_the_log_is_the_end_of_the_stream() {
        let logs = logs();
        let (near, far) = tokio::io::duplex(1024);
        logs.close();
        let cursor = cursor(&logs);
        let begun = cursor.begun();
        serve(near.compat(), cursor, &logs, STALLED).await.unwrap();
        let mut rest = Vec::new();
        far.compat().read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, encode(&Told::Subscribed(begun)).unwrap());
    }
}
