//! Small facts that the node remembers about itself.

use rusqlite::{Connection, OptionalExtension, ToSql, types::FromSql};

use super::{Error, Store, sql::int};

/// The port picked when the configuration says port 0.
const LISTEN_PORT: &str = "listen_port";
/// The number of the network that this home belongs to.
const NETWORK_NUMBER: &str = "network_number";
/// When the newest claim about this agent was made, in milliseconds since 1970.
const CLAIM_TIME: &str = "claim_time";
/// How often the broker of events has started.
const EVENT_EPOCH: &str = "event_epoch";
/// The steady time of tasks when it was last saved, in milliseconds.
const STEADY: &str = "steady_ms";
/// The wall clock of that moment, in milliseconds since 1970.
const STEADY_WALL: &str = "steady_wall_ms";
/// How far ahead the last claim may be, in milliseconds: as long as claims live. Nobody takes one of days to come, so that
/// whoever went on from there would not be found before then; and what was taken has ended after that time.
const CLAIM_AHEAD: u64 = 48 * 3600 * 1000;

/// One moment by two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The time that timers of tasks are counted in, in milliseconds.
    pub steady: u64,
    /// The wall clock, in milliseconds since 1970.
    pub wall: u64,
}

impl Store {
    /// The port that this node picked at its first start, if it has.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn listen_port(&self) -> Result<Option<u16>, Error> {
        self.read(|db| get(db, LISTEN_PORT)).await
    }

    /// Remembers the port to listen on from now on.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn set_listen_port(&self, port: u16) -> Result<(), Error> {
        self.write(move |db| set(db, LISTEN_PORT, port)).await
    }

    /// The number of the network that this home belongs to, if it was ever set.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn network_number(&self) -> Result<Option<u16>, Error> {
        self.read(|db| get(db, NETWORK_NUMBER)).await
    }

    /// Makes this home part of the network `number`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn set_network_number(&self, number: u16) -> Result<(), Error> {
        self.write(move |db| set(db, NETWORK_NUMBER, number)).await
    }

    /// The time of a new claim made at `now_ms`, in milliseconds since 1970: later than that of any claim before, though the
    /// clock was set back, since others keep the newest one. One that is more than 48 hours ahead was made by a
    /// clock that went wrong, and does not count. On the disk before this returns.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn claim_time(&self, now_ms: u64) -> Result<u64, Error> {
        self.write(move |db| {
            let last = last_claim(db)?;
            let is_wrong = last > now_ms.saturating_add(CLAIM_AHEAD);
            let time = if is_wrong { now_ms } else { now_ms.max(last.saturating_add(1)) };
            set_last_claim(db, time)?;
            Ok(time)
        })
        .await
    }

    /// The number of this start of the broker of events: higher than that of any start before, which it is from now on. On the
    /// disk before this returns.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn next_event_epoch(&self) -> Result<u64, Error> {
        self.write(|db| {
            let epoch = last_event_epoch(db)?.saturating_add(1);
            set_last_event_epoch(db, epoch)?;
            Ok(epoch)
        })
        .await
    }

    /// The last moment of steady time that is known, if there is any.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn steady_mark(&self) -> Result<Option<Mark>, Error> {
        self.read(steady_mark).await
    }

    /// Notes a moment of steady time, unless a later one is known.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn set_steady_mark(&self, mark: Mark) -> Result<(), Error> {
        self.write(move |db| set_steady_mark(db, mark)).await
    }
}

fn steady_mark(db: &Connection) -> Result<Option<Mark>, Error> {
    let steady: Option<i64> = get(db, STEADY)?;
    let wall: Option<i64> = get(db, STEADY_WALL)?;
    let millis = |value| u64::try_from(value).unwrap_or(0);
    Ok(steady.zip(wall).map(|(steady, wall)| Mark { steady: millis(steady), wall: millis(wall) }))
}

/// Notes a moment of steady time with a change that it belongs to, unless a later one is known.
pub(super) fn set_steady_mark(db: &Connection, mark: Mark) -> Result<(), Error> {
    if steady_mark(db)?.is_none_or(|known| known.steady <= mark.steady) {
        set(db, STEADY, int(mark.steady))?;
        set(db, STEADY_WALL, int(mark.wall))?;
    }
    Ok(())
}

/// The number of the last start of the broker of events; 0 if there was none.
pub(super) fn last_event_epoch(db: &Connection) -> Result<u64, Error> {
    let last: Option<i64> = get(db, EVENT_EPOCH)?;
    Ok(last.map_or(0, |last| u64::try_from(last).unwrap_or(0)))
}

/// Notes the number of the last start of the broker of events.
pub(super) fn set_last_event_epoch(db: &Connection, epoch: u64) -> Result<(), Error> {
    set(db, EVENT_EPOCH, int(epoch))
}

/// When the newest claim was made; 0 if there was none.
pub(super) fn last_claim(db: &Connection) -> Result<u64, Error> {
    let last: Option<i64> = get(db, CLAIM_TIME)?;
    Ok(last.map_or(0, |last| u64::try_from(last).unwrap_or(0)))
}

/// Notes when the newest claim was made.
pub(super) fn set_last_claim(db: &Connection, time_ms: u64) -> Result<(), Error> {
    set(db, CLAIM_TIME, int(time_ms))
}

fn get<T: FromSql>(db: &Connection, key: &str) -> Result<Option<T>, Error> {
    let mut statement = db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

fn set(db: &Connection, key: &str, value: impl ToSql) -> Result<(), Error> {
    let mut statement = db.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)")?;
    statement.execute((key, value))?;
    Ok(())
}
