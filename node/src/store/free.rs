//! Changes that make room, or are on the way to it, and so have to work on a full disk, too.

use rusqlite::Connection;

use super::{Error, Store, reserve::Reserve};

/// How many free pages are cut off the file at the end of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// All: what was cleared is most of it.
    All,
    /// A few. What lies behind a free page is moved into it, and that takes as much of the room set aside.
    Few,
}

/// [`Cut::Few`], which is far less than what is set aside.
const FEW: u32 = 32;

impl Store {
    /// Runs a change that makes room, or takes next to none. On a full disk it may use what is set aside for that.
    pub(super) async fn free<T: Send + 'static>(
        &self,
        cut: Cut,
        change: impl FnOnce(&Connection) -> Result<T, Error> + Clone + Send + 'static,
    ) -> Result<T, Error> {
        match self.try_free(cut, change.clone()).await {
            // Now the store knows that the disk is full.
            Err(Error::Full) => self.try_free(cut, change).await,
            done => done,
        }
    }

    async fn try_free<T: Send + 'static>(
        &self,
        cut: Cut,
        change: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let reserve = self.reserve.clone();
        self.write(move |db| with_reserve(db, &reserve, cut, change)).await
    }
}

/// Runs such a change on the thread that writes, with what is set aside if it needs that.
pub(super) fn with_reserve<T, E: From<Error>>(
    db: &Connection,
    reserve: &Reserve,
    cut: Cut,
    change: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    if !reserve.is_tight() {
        return change(db);
    }
    reserve.release();
    let done = change(db)?;
    shrink(db, cut)?;
    Ok(done)
}

/// Cuts free pages off, so that the log can be folded in although the file cannot grow.
fn shrink(db: &Connection, cut: Cut) -> Result<(), Error> {
    let pages = match cut {
        // What SQLite takes for all.
        Cut::All => 0,
        Cut::Few => FEW,
    };
    let mut shrink = db.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut steps = shrink.query(())?;
    while steps.next()?.is_some() {}
    Ok(())
}
