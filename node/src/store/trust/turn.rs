//! One turn of a relation: looked at, decided upon and written as a whole.

use rusqlite::{Connection, OptionalExtension};

use super::{
    super::{
        AddContactError, Error, Store,
        contacts::{add, remove},
        free::{Cut, with_reserve},
        outbox,
        reserve::Reserve,
    },
    Relation, RelationState, TicketRow, list, log,
    log::NewLogEntry,
    pins, room, row, tickets,
};
use crate::crash::{self, Place};

/// What a turn changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// The relation as it is from now on; it is that of the agent whose turn it is.
    pub relation: Relation,
    /// What the log says about it.
    pub log: Option<NewLogEntry>,
    /// What becomes of the contact. The contacts are those whose state is [`RelationState::Trusted`].
    pub contact: ContactChange,
    /// The ticket that the agent has used up.
    pub ticket_used: Option<[u8; 8]>,
}

/// What a turn does to the contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactChange {
    /// Nothing.
    Keep,
    /// Makes it or brings it up to date, from the columns of the relation. An alias that another contact has by now is
    /// left out; without one, the contact keeps what it has.
    Add,
    /// Removes it, with all that waits for it in the outbox.
    Remove,
}

/// Why a turn was not made; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustStoreError {
    /// The agent cannot become a contact.
    #[error(transparent)]
    Contact(AddContactError),
    /// As many requests are pending as may be, and none makes room for this one.
    #[error("too many requests are pending")]
    Full,
    /// The ticket was taken back, or another agent has used it.
    #[error("the ticket cannot be used any more")]
    Ticket,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl TrustStoreError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Contact(error) => error.hint(),
            Self::Full => Some("approve or reject some of the requests that are pending".into()),
            Self::Ticket => Some("ask for a new ticket".into()),
            Self::Store(error) => error.hint(),
        }
    }
}

impl From<AddContactError> for TrustStoreError {
    fn from(error: AddContactError) -> Self {
        match error {
            AddContactError::Store(error) => Self::Store(error),
            refused => Self::Contact(refused),
        }
    }
}

/// What a turn may look at besides its relation, as it is at that moment.
#[derive(Debug)]
pub struct Look<'a>(&'a Connection);

impl Look<'_> {
    /// One ticket, used and expired ones included.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn ticket(&self, id: &[u8; 8]) -> Result<Option<TicketRow>, Error> {
        tickets::find(self.0, id)
    }

    /// The agent that an address is pinned to.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn pin(&self, address: &[u8; 6]) -> Result<Option<[u8; 32]>, Error> {
        pins::holder(self.0, address)
    }

    /// The contact that has an alias, whatever the case of its letters.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn alias_holder(&self, alias: &str) -> Result<Option<[u8; 32]>, Error> {
        let mut find = self.0.prepare_cached("SELECT agent FROM contacts WHERE alias = ?1")?;
        Ok(find.query_row([alias], |row| row.get(0)).optional()?)
    }

    /// How many requests are pending.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub fn pending_count(&self) -> Result<u64, Error> {
        room::pending(self.0)
    }
}

/// Why a turn ended without a change: its own error stays what it was.
enum Failed<E> {
    Turn(E),
    Store(TrustStoreError),
}

impl<E> From<Error> for Failed<E> {
    fn from(error: Error) -> Self {
        Self::Store(error.into())
    }
}

impl<E> From<TrustStoreError> for Failed<E> {
    fn from(error: TrustStoreError) -> Self {
        Self::Store(error)
    }
}

impl Store {
    /// Reads the relation to `agent`, lets `turn` decide, and writes all that it says, as one change. With `Ok((None,
    /// value))` nothing is written.
    ///
    /// `turn` runs on the thread that writes, between other changes: it may compute, such as sign, and must not wait.
    ///
    /// # Errors
    ///
    /// That of `turn`, or a [`TrustStoreError`] if what it says cannot be written; then nothing has changed. On a full
    /// disk only what ends a relation is written.
    pub async fn relation_turn<T, E>(
        &self,
        agent: [u8; 32],
        turn: impl FnOnce(Option<Relation>, &Look<'_>) -> Result<(Option<Turn>, T), E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<TrustStoreError> + Send + 'static,
    {
        let (reserve, logged) = (self.reserve.clone(), self.logged.clone());
        let change = move |db: &Connection| {
            let before = list::find(db, &agent)?;
            let was = before.as_ref().map(|relation| relation.state);
            let (turn, value) = turn(before, &Look(db)).map_err(Failed::Turn)?;
            let noted = match turn {
                Some(mut turn) => {
                    turn.relation.agent = agent;
                    write(db, &reserve, was, turn)?
                }
                None => None,
            };
            Ok((noted, value))
        };
        let announce = move |done: Result<&(Option<u64>, T), &Failed<E>>| {
            if let Ok((Some(newest), _)) = done {
                logged.send_replace(*newest);
            }
        };
        let done = match self.enqueue(change, announce).await {
            Ok(pending) => pending.await,
            Err(failed) => Err(failed),
        };
        match done {
            Ok((_, value)) => Ok(value),
            Err(Failed::Turn(error)) => Err(error),
            Err(Failed::Store(error)) => Err(error.into()),
        }
    }
}

/// Writes a turn if the disk has room for it. Returns the number of the last entry in the log that it made.
fn write(
    db: &Connection,
    reserve: &Reserve,
    was: Option<RelationState>,
    turn: Turn,
) -> Result<Option<u64>, TrustStoreError> {
    let now = turn.relation.state;
    let ends = matches!(now, RelationState::Stranger | RelationState::Blocked);
    match was {
        // On a full disk, too, trust is to end. What a stranger says again and again is not to fill it further.
        Some(before) if ends && before != now => {
            with_reserve(db, reserve, Cut::Few, |db| apply(db, was, turn))
        }
        _ if reserve.is_held() => apply(db, was, turn),
        _ => Err(Error::Full.into()),
    }
}

fn apply(db: &Connection, was: Option<RelationState>, turn: Turn) -> Result<Option<u64>, TrustStoreError> {
    let Turn { mut relation, log, contact, ticket_used } = turn;
    let mut noted = None;
    if relation.state == RelationState::Pending && was != Some(RelationState::Pending) {
        noted = room::make(db, &relation)?;
    }
    if let Some(ticket) = ticket_used {
        let at = log.as_ref().map_or(relation.since_ms, |entry| entry.at_ms);
        if !tickets::take(db, &ticket, &relation.agent, at)? {
            return Err(TrustStoreError::Ticket);
        }
    }
    match contact {
        ContactChange::Keep => {}
        ContactChange::Add => {
            add(db, &relation)?;
            // The contact has it now, and may lose it to the owner's next wish.
            relation.alias = None;
        }
        ContactChange::Remove => {
            remove(db, &relation.agent)?;
            outbox::forget(db, &relation.agent)?;
        }
    }
    crash::point(Place::HalfWritten);
    row::put(db, &relation)?;
    if relation.state == RelationState::Stranger {
        room::trim_strangers(db)?;
    }
    if let Some(entry) = log {
        noted = Some(log::append(db, &entry)?);
    }
    crash::point(Place::Written);
    Ok(noted)
}
