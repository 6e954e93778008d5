//! Clearing messages, which makes room for others. Their ids stay remembered.

use rusqlite::{Connection, Params, Row};

use super::{
    super::{Error, Store, free::Cut, sql::int},
    file,
};

/// Which messages to clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clear {
    /// Those with these sequence numbers; an id would not do, since two senders may choose the same.
    Messages(Vec<u64>),
    /// Those marked as read.
    Read,
    /// All.
    All,
}

/// What was cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// How many messages.
    pub messages: usize,
    /// Sender and id of those that were files, whose bytes can be deleted now.
    pub files: Vec<([u8; 32], [u8; 16])>,
}

impl Store {
    /// Clears messages and returns what they were.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then none is cleared.
    pub async fn inbox_clear(&self, clear: Clear) -> Result<Cleared, Error> {
        self.free(Cut::All, move |db| run(db, clear)).await
    }
}

fn run(db: &Connection, clear: Clear) -> Result<Cleared, Error> {
    let mut cleared = Cleared::default();
    match clear {
        Clear::Messages(messages) => {
            for seq in messages {
                delete(db, "seq = ?1", [int(seq)], &mut cleared)?;
            }
        }
        Clear::Read => delete(db, "read = 1", (), &mut cleared)?,
        Clear::All => delete(db, "TRUE", (), &mut cleared)?,
    }
    Ok(cleared)
}

/// Deletes the messages for which a condition holds.
fn delete(db: &Connection, condition: &str, params: impl Params, cleared: &mut Cleared) -> Result<(), Error> {
    let sql = format!("DELETE FROM inbox WHERE {condition} RETURNING agent, id, kind");
    let mut delete = db.prepare_cached(&sql)?;
    let row = |row: &Row<'_>| Ok((row.get::<_, u8>("kind")?, (row.get("agent")?, row.get("id")?)));
    for row in delete.query_map(params, row)? {
        let (kind, which) = row?;
        cleared.messages += 1;
        if kind == file::FILE_KIND {
            cleared.files.push(which);
        }
    }
    Ok(())
}
