//! Messages that are files: the bytes lie beside the database, what is known of them in it.

use rusqlite::{Connection, OptionalExtension, Row};
use sha2::{Digest, Sha256};

use super::{
    super::{
        Error, Store,
        sql::{int, uint, uint_opt},
    },
    put::{self, NewMessage, Sequence, Stored},
};

/// The kind of a message that is a file.
pub const FILE_KIND: u8 = 3;

/// What a file counts against the quota besides its bytes: about what its directory and its last block take up. Without
/// it, empty files would be free and could fill the disk.
pub const FILE_COST: u64 = 4096;

/// What is known of the file that a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What its sender calls it.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// BLAKE3 of them.
    pub digest: [u8; 32],
}

impl File {
    /// The columns that [`File::from_row`] needs, with the table they stand in.
    pub(super) const COLUMNS: &str = "files.name AS name, files.size AS size, files.digest AS digest";

    /// The file of a message, if it is one.
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let Some(size) = uint_opt(row, "size")? else { return Ok(None) };
        Ok(Some(Self { name: row.get("name")?, size, digest: row.get("digest")? }))
    }
}

/// A file that is offered.
#[derive(Clone, Debug)]
pub struct OfferedFile {
    /// The agent that sends it.
    pub agent: [u8; 32],
    /// The id that its sender gave it.
    pub id: [u8; 16],
    /// The id of the message that it answers.
    pub reply_to: Option<[u8; 16]>,
    /// When it was sent by the clock of its sender, in milliseconds since 1970.
    pub sent_at_ms: u64,
    /// What its sender calls it.
    pub name: String,
    /// Its bytes.
    pub size: u64,
}

/// What is to become of a file that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// It may come.
    New,
    /// It was accepted before.
    Duplicate,
    /// Something else of this sender was accepted under its id.
    Conflict,
    /// There is no room for it.
    Quota,
}

/// Who was sent something under an id, and whether that is a file in the inbox still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The agent that sent it.
    pub agent: [u8; 32],
    /// Whether it is a file that was not cleared.
    pub held: bool,
}

impl OfferedFile {
    /// What makes a repeat the same file, before any of its bytes have come. The time of sending is left out, as with
    /// other messages.
    fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update([FILE_KIND, u8::from(self.reply_to.is_some())]);
        hash.update(self.reply_to.unwrap_or_default());
        hash.update(self.size.to_be_bytes());
        hash.update(&self.name);
        hash.finalize().into()
    }

    /// The message that it becomes.
    fn message(&self, received_at_ms: u64) -> NewMessage {
        let Self { agent, id, reply_to, sent_at_ms, .. } = *self;
        NewMessage { agent, id, kind: FILE_KIND, reply_to, sent_at_ms, received_at_ms, body: Vec::new() }
    }
}

impl Store {
    /// Whether a file may come. `pending` is what other files cost that are not in the inbox yet, and this one.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] while the disk is full; other [`Error`]s if the database fails.
    pub async fn file_offered(
        &self,
        file: OfferedFile,
        pending: u64,
        quota: u64,
        inbox_quota: u64,
    ) -> Result<Offered, Error> {
        if !self.reserve.is_held() {
            return Err(Error::Full);
        }
        self.read(move |db| {
            let message = file.message(0);
            if let Some(known) = put::known(db, &message)? {
                let same = known == file.fingerprint();
                return Ok(if same { Offered::Duplicate } else { Offered::Conflict });
            }
            let mut used = db.prepare_cached("SELECT bytes FROM files_usage")?;
            let used = used.query_row((), |row| uint(row, "bytes"))?;
            let fits = used.saturating_add(pending) <= quota && put::fits(db, &message, inbox_quota)?;
            Ok(if fits { Offered::New } else { Offered::Quota })
        })
        .await
    }

    /// Puts a file into the inbox of which all bytes are on the disk, as [`Store::inbox_put`] does with a message, unless
    /// the sequence is over.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then the file is not accepted.
    pub async fn file_put(
        &self,
        sequence: &Sequence,
        file: OfferedFile,
        digest: [u8; 32],
        received_at_ms: u64,
        inbox_quota: u64,
    ) -> Result<Stored, Error> {
        let put = move |db: &Connection| {
            let stored = put::put(db, &file.message(received_at_ms), file.fingerprint(), inbox_quota)?;
            if let Stored::New { seq } = stored {
                let mut insert = db.prepare_cached(
                    "INSERT INTO files (seq, name, size, digest, cost) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?;
                let cost = file.size.saturating_add(FILE_COST);
                insert.execute((int(seq), &file.name, int(file.size), digest, int(cost)))?;
            }
            Ok(stored)
        };
        self.put_then_announce(sequence, put).await?.await
    }

    /// Whether this very file was received. One that was cleared since is known by its name and size alone.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn file_received(&self, file: OfferedFile, digest: [u8; 32]) -> Result<bool, Error> {
        self.read(move |db| received(db, &file, digest)).await
    }

    /// Whom what was received under an id is from. Reads all remembered ids if there is no such message, which
    /// takes some milliseconds: for tidying up.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn file_owners(&self, id: [u8; 16]) -> Result<Vec<Owner>, Error> {
        self.read(move |db| Ok(owners(db, id)?)).await
    }
}

pub(in crate::store) fn received(
    db: &Connection,
    file: &OfferedFile,
    digest: [u8; 32],
) -> Result<bool, Error> {
    if put::known(db, &file.message(0))? != Some(file.fingerprint()) {
        return Ok(false);
    }
    let mut held = db.prepare_cached(
        "SELECT files.digest FROM inbox JOIN files ON files.seq = inbox.seq
         WHERE inbox.id = ?1 AND inbox.agent = ?2",
    )?;
    let held: Option<[u8; 32]> = held.query_row((file.id, file.agent), |row| row.get(0)).optional()?;
    Ok(held.is_none_or(|held| held == digest))
}

fn owners(db: &Connection, id: [u8; 16]) -> rusqlite::Result<Vec<Owner>> {
    let mut held = db.prepare_cached("SELECT agent FROM inbox WHERE id = ?1 AND kind = ?2")?;
    let mut owners: Vec<Owner> = held
        .query_map((id, FILE_KIND), |row| Ok(Owner { agent: row.get("agent")?, held: true }))?
        .collect::<Result<_, _>>()?;
    let mut received = db.prepare_cached("SELECT agent FROM received WHERE id = ?1")?;
    for agent in received.query_map([id], |row| row.get("agent"))? {
        let agent = agent?;
        if owners.iter().all(|owner| owner.agent != agent) {
            owners.push(Owner { agent, held: false });
        }
    }
    Ok(owners)
}
