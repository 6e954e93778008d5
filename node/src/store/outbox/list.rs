//! Looking into the outbox.

use rusqlite::Connection;

use super::{
    super::{
        Error, GetError, Pick, Store,
        sql::{int, uint},
    },
    Entry, Parcel,
};

/// Most entries in one page.
const MAX_LISTED: usize = 1000;
/// Bytes of contents after which a page of parcels ends: it is held in memory.
const PARCEL_BYTES: usize = 4 * 1024 * 1024;
/// Parcels in one page: one that is taken back after its page was read is sent all the same.
const PARCELS: usize = 16;

/// Which entries to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxFilter {
    /// Only entries after this number; 0 for all. The last of a page is where the next one begins.
    pub after: u64,
    /// Most entries to list; never more than 1,000, which is also meant by `None`.
    pub limit: Option<usize>,
    /// Only what this agent is to get.
    pub agent: Option<[u8; 32]>,
}

impl Store {
    /// Lists what waits and what was given up, in the order of queueing.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn outbox_list(&self, filter: OutboxFilter) -> Result<Vec<Entry>, Error> {
        let columns = Entry::COLUMNS;
        let agent = if filter.agent.is_some() { "agent = ?2" } else { "?2 IS NULL" };
        let sql = format!("SELECT {columns} FROM outbox WHERE seq > ?1 AND {agent} ORDER BY seq LIMIT ?3");
        let limit = filter.limit.unwrap_or(MAX_LISTED).min(MAX_LISTED);
        self.read(move |db| {
            let mut list = db.prepare_cached(&sql)?;
            let rows = list.query_map((int(filter.after), filter.agent, limit as i64), Entry::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Finds one entry.
    ///
    /// # Errors
    ///
    /// [`GetError`] unless exactly one entry is meant.
    pub async fn outbox_get(&self, pick: Pick) -> Result<Entry, GetError> {
        self.read(move |db| get(db, pick)).await
    }

    /// What waits next in a lane after the entry `after`, in order; the page is empty only at the end.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn outbox_next(&self, agent: [u8; 32], lane: u8, after: u64) -> Result<Vec<Parcel>, Error> {
        self.read(move |db| next(db, agent, lane, after)).await
    }

    /// The lanes in which something waits.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn outbox_lanes(&self) -> Result<Vec<([u8; 32], u8)>, Error> {
        self.read(|db| {
            let mut lanes =
                db.prepare_cached("SELECT DISTINCT agent, lane FROM outbox WHERE failed IS NULL")?;
            let rows = lanes.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many entries wait, and how many were given up.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn outbox_count(&self) -> Result<(u64, u64), Error> {
        self.read(|db| {
            let sql = "SELECT count(*) - count(failed) AS waiting, count(failed) AS failed FROM outbox";
            let mut count = db.prepare_cached(sql)?;
            Ok(count.query_row((), |row| Ok((uint(row, "waiting")?, uint(row, "failed")?)))?)
        })
        .await
    }
}

fn get(db: &Connection, pick: Pick) -> Result<Entry, GetError> {
    let columns = Entry::COLUMNS;
    // Two at most: the second one shows that the first is not the only one.
    let mut found = match &pick {
        Pick::Seq(seq) => {
            let mut find = db.prepare_cached(&format!("SELECT {columns} FROM outbox WHERE seq = ?1"))?;
            find.query_map([int(*seq)], Entry::from_row)?.collect::<Result<Vec<_>, _>>()?
        }
        Pick::Id(prefix) => {
            let sql = format!("SELECT {columns} FROM outbox WHERE id BETWEEN ?1 AND ?2 LIMIT 2");
            let mut find = db.prepare_cached(&sql)?;
            find.query_map(prefix.range(), Entry::from_row)?.collect::<Result<Vec<_>, _>>()?
        }
    };
    pick.only(&mut found, "outbox")
}

fn next(db: &Connection, agent: [u8; 32], lane: u8, after: u64) -> Result<Vec<Parcel>, Error> {
    let sql = format!(
        "SELECT {}, body FROM outbox WHERE agent = ?1 AND lane = ?2 AND seq > ?3 AND failed IS NULL
         ORDER BY seq LIMIT ?4",
        Entry::COLUMNS
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query((agent, lane, int(after), PARCELS as i64))?;
    let (mut page, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let parcel = Parcel { entry: Entry::from_row(row)?, body: row.get("body")? };
        bytes += parcel.body.len();
        page.push(parcel);
        if bytes >= PARCEL_BYTES {
            break;
        }
    }
    Ok(page)
}
