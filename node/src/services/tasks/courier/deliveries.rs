//! Files that have to be there before a task, or its result, can be told of. The outbox delivers them.

use std::{collections::HashMap, time::Duration};

use airway_protocols::{agent::AgentId, data::Answer, files::FileName, tasks::Attachment};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::Courier;
use crate::{
    crash::{self, Place},
    services::{
        outbox::{MAX_EXPIRY, SendError, Status},
        tasks::row,
    },
    store::{self, TaskKey},
};

/// How long to wait before a file is put into the outbox again that could not be put there.
const RETRY: Duration = Duration::from_secs(5);

/// How often a delivery looks whether its task still needs it, whatever the outbox says.
const LOOK: Duration = Duration::from_secs(60);

/// The deliveries under way for one contact.
#[derive(Debug, Default)]
pub(super) struct Deliveries(HashMap<TaskKey, (Attachment, JoinHandle<()>)>);

impl Deliveries {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Begins what is to be delivered, and takes back what is not any more.
    pub(super) async fn tend(&mut self, courier: &Courier, agent: &AgentId) -> Result<(), store::Error> {
        self.0.retain(|_, (_, task)| !task.is_finished());
        let mut wanted = HashMap::new();
        for held in courier.0.store.tasks_held(Some(*agent.as_bytes())).await? {
            if let Some(file) = row::held(&held)? {
                wanted.insert(held.key, file);
            }
        }
        for (key, (file, _)) in &self.0 {
            if !wanted.contains_key(key) {
                // Its task ends with that; if it has arrived, there is nothing to take back.
                courier.0.outbox.withdraw(*agent, file.id, &SendError::Cancelled).await?;
            }
        }
        for (key, file) in wanted {
            self.0.entry(key).or_insert_with(|| {
                let delivery = Delivery { courier: courier.clone(), agent: *agent, key, file: file.clone() };
                (file, courier.0.reach.net.spawn(delivery.run()))
            });
        }
        Ok(())
    }
}

struct Delivery {
    courier: Courier,
    agent: AgentId,
    key: TaskKey,
    file: Attachment,
}

/// What came of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Delivered,
    Lost,
    /// It is to be tried again.
    Open,
}

impl Delivery {
    /// Runs until the task knows what has become of its file, or does not need it any more; then there is no copy of it.
    async fn run(self) {
        loop {
            match self.is_needed().await {
                Ok(true) => {}
                Ok(false) => {
                    // It has not arrived, and is of no use any more.
                    let reason = SendError::Cancelled;
                    self.courier.0.outbox.withdraw(self.agent, self.file.id, &reason).await.ok();
                    break;
                }
                Err(store::Error::Closed) => return,
                Err(error) => tracing::warn!(%error, "it is not known whether a file of a task is needed"),
            }
            let fate = self.deliver().await;
            if fate == Fate::Open {
                sleep(RETRY).await;
                continue;
            }
            crash::point(Place::FileDelivered);
            match self.courier.0.tasks.delivered(self.key, fate == Fate::Delivered).await {
                Ok(()) => break,
                Err(store::Error::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "what has become of the file of a task was not stored");
                    sleep(RETRY).await;
                }
            }
        }
        self.courier.0.copies.remove(self.file.id).await;
        // The lane ends with its last delivery.
        self.courier.ring(self.agent);
    }

    /// Whether the task still waits for its file.
    async fn is_needed(&self) -> Result<bool, store::Error> {
        let row = self.courier.0.store.task(self.key).await?;
        Ok(row.map(|row| row::held(&row)).transpose()?.flatten().is_some())
    }

    /// Puts the file into the outbox, where it may be already, and waits for what becomes of it.
    async fn deliver(&self) -> Fate {
        let Courier(inner) = &self.courier;
        // At the end of the trust the task ends, too.
        let Some(contact) = inner.reach.contacts.get(&self.agent) else { return Fate::Open };
        let source = match inner.copies.source(&self.file.id).await {
            Ok(source) => source,
            Err(error) => return fate(&error.into()),
        };
        let name = FileName::lossy(&self.file.name).as_str().to_owned();
        let put = inner.outbox.put_file(&contact, self.file.id, name, source, MAX_EXPIRY).await;
        let mut status = match put {
            Ok((_, status)) => status,
            Err(error) => return fate(&error),
        };
        loop {
            let ended = timeout(LOOK, status.wait_for(Status::is_final)).await;
            match ended.map(|ended| ended.map(|status| status.clone())) {
                Ok(Ok(Status::Delivered { .. })) => return Fate::Delivered,
                Ok(Ok(Status::Failed(error))) => return fate(&error),
                Ok(Ok(_) | Err(_)) => return Fate::Open,
                Err(_) if matches!(self.is_needed().await, Ok(true)) => {}
                Err(_) => return Fate::Open,
            }
        }
    }
}

/// What an obstacle means. The task has a time of its own: when the outbox gives up, it begins again.
fn fate(error: &SendError) -> Fate {
    match error {
        SendError::File(error) if error.is_permanent() => Fate::Lost,
        SendError::Rejected { answer: Answer::Conflict | Answer::Invalid, .. } => Fate::Lost,
        // Somebody took it out of the outbox.
        SendError::Cancelled | SendError::Conflict => Fate::Lost,
        _ => Fate::Open,
    }
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, sync::Arc};

    use super::*;
    use crate::services::files::FileError;

    #[test]
    fn a_file_is_lost_only_where_another_attempt_cannot_help() {
        let rejected = |answer| SendError::Rejected { who: "bob".into(), answer };
        for error in [rejected(Answer::Conflict), rejected(Answer::Invalid), SendError::Cancelled] {
            assert_eq!(fate(&error), Fate::Lost, "{error}");
        }
        for error in [rejected(Answer::Quota), rejected(Answer::Failed), SendError::Expired, SendError::Full]
        {
            assert_eq!(fate(&error), Fate::Open, "{error}");
        }
        let gone = FileError::NotAFile { path: PathBuf::from("tasks/1") };
        assert_eq!(fate(&SendError::File(Arc::new(gone))), Fate::Lost);
    }
}
