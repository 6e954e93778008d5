//! A publisher hands in events, one after the other, and hears what became of each.

use std::pin::pin;

use airway_protocols::{
    events::{self, Denied, Patterns, Position, Publication, Published},
    streams::{CutWatch, Stream},
};
use futures::{AsyncReadExt as _, AsyncWriteExt as _, io::BufReader};
use tokio::{sync::mpsc, time::timeout};

use super::{
    super::{
        TOPICS_PER_PUBLISHER,
        log::{AppendError, New},
    },
    ANSWER_TIME, IDLE, Server,
};
use crate::clock;

/// Answers that may wait to go out; a publisher that does not read them is not read from either.
const ANSWERS: usize = 64;

/// Takes publications in, until the publisher closes its half or says nothing for too long.
pub(super) async fn serve(stream: Stream, server: &Server) -> Result<(), events::Error> {
    let publisher =
        Publisher { server, may: server.scopes.publish.iter().collect(), watch: stream.cut_watch() };
    let (reader, mut writer) = stream.split();
    let (in_line, mut answers) = mpsc::channel::<Published>(ANSWERS);
    let mut answered = pin!(async {
        while let Some(published) = answers.recv().await {
            let Ok(sent) = timeout(ANSWER_TIME, events::answer(&mut writer, &published)).await else {
                return Ok(());
            };
            sent?;
        }
        Ok(writer.close().await?)
    });
    let receive = async {
        let mut reader = BufReader::new(reader);
        // Too slow and done are alike: there is nothing to answer.
        while let Ok(received) = timeout(IDLE, events::receive_publication(&mut reader)).await {
            let Some(publication) = received? else { break };
            let Some(published) = publisher.take(publication) else { break };
            if in_line.send(published).await.is_err() {
                break;
            }
        }
        drop(in_line);
        Ok(())
    };
    tokio::select! {
        answered = &mut answered => answered,
        // What is in line is answered before the stream ends.
        received = receive => answered.await.and(received),
    }
}

struct Publisher<'a> {
    server: &'a Server,
    /// The topics that it may publish.
    may: Patterns,
    watch: CutWatch,
}

impl Publisher<'_> {
    /// Takes an event in, unless it may not be; `None` if the stream was cut.
    fn take(&self, publication: Publication) -> Option<Published> {
        let taken = if publication.validate().is_err() {
            Err(Denied::Invalid)
        } else if !self.may.matches(&publication.topic) {
            Err(Denied::NotAllowed)
        } else {
            // When the cut has returned, nothing is taken in any more, however far it had come.
            self.watch.unless_cut(|| self.append(publication))?
        };
        self.server.logs.metrics.published.one(if taken.is_ok() { "contact" } else { "denied" });
        Some(taken)
    }

    fn append(&self, publication: Publication) -> Result<Position, Denied> {
        let Publication { topic, payload } = publication;
        let new = New { topic, publisher: self.server.agent, at: clock::unix_ms(), payload };
        self.server.logs.own.append(new, TOPICS_PER_PUBLISHER).map_err(|error| match error {
            AppendError::Topics => Denied::Full,
            AppendError::Invalid(_) => Denied::Invalid,
        })
    }
}
