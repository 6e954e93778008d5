//! Receipts and scores, as a program sees them.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
    time::Duration,
};

use airway_protocols::{
    agent::AgentId,
    polo::{self, Export, ExportError, Known, Receipt, Score, Sum},
    port::Port,
    streams::Stream,
    tasks::{self, Answer, Denied, Request},
};
use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use super::Node;
use crate::{
    contacts::Contact,
    polo::{Learnt, MAX_OF_ONE, WriteError},
    services::DialError,
    store,
};

/// What receipts say of an agent.
#[derive(Debug, Clone)]
pub struct Reputation {
    /// Whom.
    pub agent: AgentId,
    /// Whether that is this agent itself, which is worth nothing to itself.
    pub own: bool,
    /// What all receipts that are here say of it. Agents that are in it together make it as high as they please.
    pub known: Known,
    /// What it is worth to this agent, and by whom.
    pub score: Score,
}

/// What is behind a score.
#[derive(Debug, Clone)]
pub struct Behind {
    /// The score.
    pub reputation: Reputation,
    /// All receipts of each pair on its paths, and then of all others that the agent is in.
    pub pairs: Vec<Sum>,
}

/// Why receipts were not written or taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoloError {
    /// The file is no export, or cannot be read.
    #[error("cannot read {path}: {}", cause(source))]
    Import {
        /// As given.
        path: String,
        /// What is wrong with it.
        source: ExportError,
    },
    /// The file does not say whose receipts it has.
    #[error("{path} does not say, validly signed, whose receipts it has")]
    Nobodys {
        /// As given.
        path: String,
    },
    /// The receipts are of an agent that is not trusted.
    #[error("these are receipts of {who}, which is not trusted")]
    NotTrusted {
        /// Address and fingerprint.
        who: String,
    },
    /// There are too many receipts for one file.
    #[error("there are too many receipts for one file")]
    TooMany,
    /// The receipts were not written.
    #[error("the receipts were not written: {0}")]
    Write(String),
    /// The contact cannot be reached.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The contact shows nobody its receipts.
    #[error("{who} shows no receipts")]
    NotShared {
        /// Label of the contact.
        who: String,
    },
    /// The contact does not keep to the protocol.
    #[error("{who} has not answered as it should: {reason}")]
    Answer {
        /// Label of the contact.
        who: String,
        /// What it did.
        reason: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What is wrong with a file: that it cannot be read is said already.
fn cause(error: &ExportError) -> &dyn std::fmt::Display {
    match error {
        ExportError::Io(error) => error,
        other => other,
    }
}

impl From<WriteError> for PoloError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::TooMany | WriteError::Head(polo::HeadError::Pairs(_)) => Self::TooMany,
            WriteError::Store(error) => Self::Store(error),
            other => Self::Write(other.to_string()),
        }
    }
}

impl Node {
    /// What receipts say of an agent: of those that this agent has signed, and those that contacts have shown it.
    pub fn polo(&self, agent: &AgentId) -> Reputation {
        let (own, known) = (self.me().agent == *agent, self.0.polo.known(agent));
        Reputation { agent: *agent, own, known, score: self.0.polo.score(agent) }
    }

    /// The same, with the receipts behind it.
    pub fn polo_why(&self, agent: &AgentId) -> Behind {
        let reputation = self.polo(agent);
        let steps = reputation.score.paths.iter().flat_map(|path| path.agents.windows(2));
        let on_paths =
            steps.filter_map(|step| self.0.polo.sum(&polo::Pair { requester: step[0], worker: step[1] }));
        let mut seen = BTreeSet::new();
        let all = on_paths.chain(self.0.polo.sums_of(agent));
        let pairs = all.filter(|sum| seen.insert(sum.pair)).collect();
        Behind { reputation, pairs }
    }

    /// A file with the receipts that this agent is in, for anybody to check by [`polo::verify`]; or those with one agent.
    /// It names everybody that this agent has worked with.
    ///
    /// # Errors
    /// If there are too many, or the database fails.
    pub async fn polo_export(&self, with: Option<&AgentId>) -> Result<Vec<u8>, PoloError> {
        Ok(self.0.polo.export(with.copied()).await?)
    }

    /// Takes in the receipts of a file that a contact has [exported](Self::polo_export), those that are in order each by
    /// itself: whether any is missing says [`polo::verify`].
    ///
    /// # Errors
    /// If the file cannot be read, is none, or is not of a contact.
    pub async fn polo_import(&self, path: impl Into<PathBuf>) -> Result<Learnt, PoloError> {
        let path = path.into();
        let shown = path.display().to_string();
        let read = spawn_blocking(move || read(&path)).await;
        let read = read.unwrap_or_else(|_| Err(io::Error::other("the reading broke off").into()));
        let export = read.map_err(|source| PoloError::Import { path: shown.clone(), source })?;
        let Some(head) = &export.head else { return Err(PoloError::Nobodys { path: shown }) };
        let agent = head.agent();
        if self.0.contacts.get(&agent).is_none() {
            return Err(PoloError::NotTrusted { who: self.endpoint_of(&agent).to_string() });
        }
        Ok(self.0.polo.learn(&agent, export.receipts).await?)
    }

    /// Asks a contact for its receipts, and takes in those that are in order. `wait` is for all of it, dialling included.
    ///
    /// # Errors
    /// If it cannot be reached, does not show them, or gives a wrong one.
    pub async fn polo_pull(&self, from: &Contact, wait: Duration) -> Result<Learnt, PoloError> {
        let end = Instant::now() + wait;
        let mut stream = self.0.reach.open_within(from, Port::TASKS, wait).await?;
        let pulled = timeout_at(end, self.pull(from, &mut stream)).await;
        let receipts = pulled.map_err(|_| DialError::Timeout { who: from.label() })??;
        Ok(self.0.polo.learn(&from.agent, receipts).await?)
    }

    /// Page after page.
    async fn pull(&self, from: &Contact, stream: &mut Stream) -> Result<Vec<Receipt>, PoloError> {
        let wrong = |reason: String| PoloError::Answer { who: from.label(), reason };
        let (mut all, mut after) = (Vec::new(), 0);
        while all.len() < MAX_OF_ONE {
            // Named twice: all that it is in.
            let request = Request::Receipts { requester: from.agent, worker: from.agent, after };
            match tasks::ask(stream, &request).await {
                Ok(Answer::Receipts { receipts, .. }) if receipts.is_empty() => break,
                Ok(Answer::Receipts { receipts, last }) if last > after => {
                    for bytes in receipts {
                        all.push(Receipt::from_bytes(&bytes).map_err(|error| wrong(error.to_string()))?);
                    }
                    after = last;
                }
                Ok(Answer::Denied { code: Denied::NotShared, .. }) => {
                    return Err(PoloError::NotShared { who: from.label() });
                }
                Ok(Answer::Denied { code, .. }) => return Err(wrong(code.to_string())),
                Ok(_) => return Err(wrong("it answers something else".into())),
                Err(tasks::Error::Wire(airway_protocols::wire::Error::Io(error))) => {
                    return Err(self.0.reach.failed(from, Port::TASKS, error).await.into());
                }
                Err(error) => return Err(wrong(error.to_string())),
            }
        }
        Ok(all)
    }
}

fn read(path: &Path) -> Result<Export, ExportError> {
    Export::read(BufReader::new(File::open(path)?))
}
