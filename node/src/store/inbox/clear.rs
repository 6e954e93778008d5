//! Clearing messages, which makes room for others. Their ids stay remembered.

use rusqlite::Connection;

use super::super::{Error, Store, sql::int};

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

impl Store {
    /// Clears messages and returns how many.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then none is cleared.
    pub async fn inbox_clear(&self, clear: Clear) -> Result<usize, Error> {
        match self.try_clear(clear.clone()).await {
            // Now the store knows that the disk is full.
            Err(Error::Full) => self.try_clear(clear).await,
            done => done,
        }
    }

    async fn try_clear(&self, clear: Clear) -> Result<usize, Error> {
        let reserve = self.reserve.clone();
        let clear = move |db: &Connection| {
            if !reserve.is_tight() {
                return run(db, clear);
            }
            reserve.release();
            let cleared = run(db, clear)?;
            shrink(db)?;
            Ok(cleared)
        };
        self.write(clear).await
    }
}

/// Cuts free pages off, so that the log can be folded in although the file cannot grow.
fn shrink(db: &Connection) -> Result<(), Error> {
    let mut shrink = db.prepare("PRAGMA incremental_vacuum")?;
    let mut steps = shrink.query(())?;
    while steps.next()?.is_some() {}
    Ok(())
}

fn run(db: &Connection, clear: Clear) -> Result<usize, Error> {
    match clear {
        Clear::Messages(messages) => {
            let mut delete = db.prepare_cached("DELETE FROM inbox WHERE seq = ?1")?;
            let mut cleared = 0;
            for seq in messages {
                cleared += delete.execute([int(seq)])?;
            }
            Ok(cleared)
        }
        Clear::Read => Ok(db.execute("DELETE FROM inbox WHERE read = 1", ())?),
        Clear::All => Ok(db.execute("DELETE FROM inbox", ())?),
    }
}
