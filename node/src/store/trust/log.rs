//! The log: what happened between this agent and others, for its owner to read.

use rusqlite::{Connection, Row};
use tokio::sync::watch;

use super::{
    super::{
        Error, Store,
        sql::{bits, from_bits, int, uint},
    },
    Relation,
};

/// Entries kept; the oldest make room. With a statement in each of them this is some 20 MB.
pub(in crate::store) const LOG_ROWS: u64 = 10_000;
/// How many of them may be about agents that we neither trusted nor asked, ever: keys cost nothing, and nobody who comes
/// with many shall wipe out what happened between us and others.
pub(in crate::store) const LOG_STRANGERS: u64 = 2_500;
/// Most entries in one page.
const MAX_LISTED: u32 = 1000;

/// The one event that the store itself notes: a pending request made room for another. All other numbers are the
/// callers' to choose.
pub const EVICTED: u8 = 255;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place in the log: rising, never used twice in this home.
    pub seq: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// With whom.
    pub agent: [u8; 32],
    /// What.
    pub event: u8,
    /// Whether it was this agent's doing.
    pub by_us: bool,
    /// The generation that it belongs to.
    pub generation: u64,
    /// The justification or the reason that was given.
    pub text: Option<String>,
    /// The signed statement, if there is one.
    pub statement: Option<Vec<u8>>,
    /// What the agent called itself at the time.
    pub name: Option<String>,
    /// Its address at the time.
    pub address: [u8; 6],
}

/// Something to be noted; the fields are those of [`LogEntry`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLogEntry {
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// With whom.
    pub agent: [u8; 32],
    /// What; not [`EVICTED`].
    pub event: u8,
    /// Whether it was this agent's doing.
    pub by_us: bool,
    /// The generation that it belongs to.
    pub generation: u64,
    /// The justification or the reason that was given.
    pub text: Option<String>,
    /// The signed statement, if there is one.
    pub statement: Option<Vec<u8>>,
    /// What the agent calls itself.
    pub name: Option<String>,
    /// Its address.
    pub address: [u8; 6],
}

impl NewLogEntry {
    /// A request that made room at the time `at_ms`.
    pub(super) fn evicted(relation: &Relation, at_ms: u64) -> Self {
        Self {
            at_ms,
            agent: relation.agent,
            event: EVICTED,
            by_us: true,
            generation: relation.generation,
            text: None,
            statement: None,
            name: relation.name.clone(),
            address: relation.address,
        }
    }
}

impl LogEntry {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: uint(row, "seq")?,
            at_ms: uint(row, "at")?,
            agent: row.get("agent")?,
            event: row.get("event")?,
            by_us: row.get("by_us")?,
            generation: from_bits(row, "generation")?,
            text: row.get("text")?,
            statement: row.get("statement")?,
            name: row.get("name")?,
            address: row.get("address")?,
        })
    }
}

impl Store {
    /// Lists what happened after the entry `after`, in order; with `agent`, only with that agent. Never more than
    /// 1,000 entries; the last one is where the next page begins.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn trust_log(
        &self,
        after: u64,
        limit: u32,
        agent: Option<[u8; 32]>,
    ) -> Result<Vec<LogEntry>, Error> {
        let sql =
            format!("SELECT * FROM trust_log WHERE seq > ?1 AND {} ORDER BY seq LIMIT ?3", agent_is(agent));
        self.read(move |db| {
            let mut list = db.prepare_cached(&sql)?;
            let rows = list.query_map((int(after), agent, limit.min(MAX_LISTED)), LogEntry::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Lists the last things that happened, oldest first; with `agent`, only with that agent. Never more than 1,000.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn trust_log_tail(&self, limit: u32, agent: Option<[u8; 32]>) -> Result<Vec<LogEntry>, Error> {
        let sql = format!(
            "SELECT * FROM (SELECT * FROM trust_log WHERE {} ORDER BY seq DESC LIMIT ?1) ORDER BY seq",
            agent_is(agent)
        );
        self.read(move |db| {
            let mut list = db.prepare_cached(&sql)?;
            let rows = list.query_map((limit.min(MAX_LISTED), agent), LogEntry::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The number of the newest entry on the disk, to wait for the next one without asking again and again. It starts
    /// with the newest of the last run; 0 if there was none ever.
    pub fn log_changes(&self) -> watch::Receiver<u64> {
        self.logged.subscribe()
    }
}

/// A condition on parameter 2 for each case rather than one that covers both: only then is an index of use.
fn agent_is(agent: Option<[u8; 32]>) -> &'static str {
    if agent.is_some() { "agent = ?2" } else { "?2 IS NULL" }
}

/// Appends `entry`, and returns its number. The oldest entry makes room, or that of a stranger for that of another.
pub(super) fn append(db: &Connection, entry: &NewLogEntry) -> Result<u64, Error> {
    let mut insert = db.prepare_cached(
        "INSERT INTO trust_log (at, agent, known, event, by_us, generation, text, statement, name, address)
         VALUES (?1, ?2, coalesce((SELECT known FROM relations WHERE agent = ?2), 0),
             ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING seq",
    )?;
    let values = (
        int(entry.at_ms),
        entry.agent,
        entry.event,
        entry.by_us,
        bits(entry.generation),
        &entry.text,
        &entry.statement,
        &entry.name,
        entry.address,
    );
    let seq = insert.query_row(values, |row| uint(row, "seq"))?;
    db.prepare_cached("DELETE FROM trust_log WHERE seq <= ?1")?
        .execute([int(seq.saturating_sub(LOG_ROWS))])?;
    let mut trim = db.prepare_cached(
        "DELETE FROM trust_log WHERE known = 0 AND seq <=
             (SELECT seq FROM trust_log WHERE known = 0 ORDER BY seq DESC LIMIT 1 OFFSET ?1)",
    )?;
    trim.execute([int(LOG_STRANGERS)])?;
    Ok(seq)
}

/// The number of the newest entry that there ever was.
pub(in crate::store) fn newest(db: &Connection) -> Result<u64, Error> {
    let sql = "SELECT coalesce(max(seq), 0) AS seq FROM sqlite_sequence WHERE name = 'trust_log'";
    Ok(db.query_row(sql, (), |row| uint(row, "seq"))?)
}
