//! Queueing, once for each id.

use rusqlite::{Connection, OptionalExtension};

use super::{
    super::{
        Error, Store,
        sql::{int, uint},
    },
    Entry,
};

/// What an entry counts against the quota besides its content, in bytes: about what its row and index entries
/// take up.
const ENTRY_COST: u64 = 256;

/// Something to be queued.
#[derive(Clone, Debug)]
pub struct NewParcel {
    /// The agent that is to get it.
    pub agent: [u8; 32],
    /// Our id for it.
    pub id: [u8; 16],
    /// Entries of one agent and lane go out in order.
    pub lane: u8,
    /// What the content is.
    pub kind: u8,
    /// The id of the message that it answers.
    pub reply_to: Option<[u8; 16]>,
    /// What people call it.
    pub name: Option<String>,
    /// Bytes that the receiver will get.
    pub size: u64,
    /// When it is queued, in milliseconds since 1970.
    pub queued_at_ms: u64,
    /// When it is to be given up, in milliseconds since 1970.
    pub expires_at_ms: u64,
    /// The content.
    pub body: Vec<u8>,
}

impl NewParcel {
    /// Whether it is what waits under its id. The times are left out: they are set anew.
    fn is(&self, entry: &Entry, body: &[u8]) -> bool {
        (self.lane, self.kind, self.reply_to, self.size)
            == (entry.lane, entry.kind, entry.reply_to, entry.size)
            && self.name == entry.name
            && self.body == body
    }
}

fn cost(body: &[u8]) -> u64 {
    ENTRY_COST.saturating_add(body.len() as u64)
}

/// What became of something to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queued {
    /// It waits. The same content that waited under its id already keeps its place.
    At(Entry),
    /// Other content waits under its id.
    Conflict,
    /// The outbox is full.
    Quota,
}

impl Store {
    /// Queues `parcel`, unless the outbox would then hold more than `quota` bytes. Contents count, and 256
    /// bytes for each entry. What was given up under the same id is queued anew.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then it is not queued.
    pub async fn outbox_put(&self, parcel: NewParcel, quota: u64) -> Result<Queued, Error> {
        let reserve = self.reserve.clone();
        self.write(move |db| if reserve.is_held() { put(db, &parcel, quota) } else { Err(Error::Full) }).await
    }
}

fn put(db: &Connection, parcel: &NewParcel, quota: u64) -> Result<Queued, Error> {
    let known = find(db, parcel)?;
    if let Some((known, body)) = &known
        && known.failed.is_none()
    {
        return Ok(if parcel.is(known, body) { Queued::At(known.clone()) } else { Queued::Conflict });
    }
    let mut used = db.prepare_cached("SELECT bytes FROM outbox_usage")?;
    let used = used.query_row((), |row| uint(row, "bytes"))?;
    let given_up = known.as_ref().map_or(0, |(_, body)| cost(body));
    if used.saturating_sub(given_up).saturating_add(cost(&parcel.body)) > quota {
        return Ok(Queued::Quota);
    }
    if let Some((known, _)) = known {
        db.prepare_cached("DELETE FROM outbox WHERE seq = ?1")?.execute([int(known.seq)])?;
    }
    let sql = format!(
        "INSERT INTO outbox
             (agent, id, lane, kind, reply_to, name, size, queued_at, expires_at, cost, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) RETURNING {}",
        Entry::COLUMNS
    );
    let mut insert = db.prepare_cached(&sql)?;
    let values = (
        parcel.agent,
        parcel.id,
        parcel.lane,
        parcel.kind,
        parcel.reply_to,
        &parcel.name,
        int(parcel.size),
        int(parcel.queued_at_ms),
        int(parcel.expires_at_ms),
        int(cost(&parcel.body)),
        &parcel.body,
    );
    Ok(Queued::At(insert.query_row(values, Entry::from_row)?))
}

fn find(db: &Connection, parcel: &NewParcel) -> Result<Option<(Entry, Vec<u8>)>, Error> {
    let columns = Entry::COLUMNS;
    let sql = format!("SELECT {columns}, body FROM outbox WHERE agent = ?1 AND id = ?2");
    let mut find = db.prepare_cached(&sql)?;
    let found =
        find.query_row((parcel.agent, parcel.id), |row| Ok((Entry::from_row(row)?, row.get("body")?)));
    Ok(found.optional()?)
}
