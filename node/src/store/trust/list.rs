//! Looking at relations, and what a statement that arrived changes.

use rusqlite::{Connection, OptionalExtension, Params};

use super::{
    super::{
        Error, Store,
        free::Cut,
        sql::{int, uint},
    },
    Relation, RelationState,
};

/// Most relations that lapse in one page: whoever asks again gets the next ones.
const LAPSED: usize = 256;

impl Store {
    /// All relations, those whose state changed last at the end. As many as the owner has dealt with, and at most
    /// [`MAX_STRANGERS`](super::MAX_STRANGERS) and [`MAX_PENDING`](super::MAX_PENDING) others.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn relations_list(&self) -> Result<Vec<Relation>, Error> {
        self.read(|db| select(db, "ORDER BY since, agent", ())).await
    }

    /// The relation to one agent, if there ever was one.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn relation(&self, agent: [u8; 32]) -> Result<Option<Relation>, Error> {
        self.read(move |db| find(db, &agent)).await
    }

    /// The relations in one state, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn relations_in(&self, state: RelationState) -> Result<Vec<Relation>, Error> {
        self.read(move |db| select(db, "WHERE state = ?1 ORDER BY since, agent", [state])).await
    }

    /// The relations with something said that was not acknowledged, in the order in which we stop trying.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn relations_with_said(&self) -> Result<Vec<Relation>, Error> {
        self.read(|db| select(db, "WHERE said IS NOT NULL ORDER BY said_until, agent", ())).await
    }

    /// Notes that an agent has our statement `said`, or that we stop trying to say it. Returns whether that was still
    /// the latest one; a later one stays to be said.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then it is still to be said.
    pub async fn relation_acknowledged(&self, agent: [u8; 32], said: Vec<u8>) -> Result<bool, Error> {
        self.free(Cut::Few, move |db| {
            let mut clear = db.prepare_cached(
                "UPDATE relations SET said = NULL, said_ticket = NULL, said_proof = NULL, said_until = NULL
                 WHERE agent = ?1 AND said = ?2",
            )?;
            Ok(clear.execute((agent, said))? > 0)
        })
        .await
    }

    /// When the next request lapses or the next trust ends, in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn next_lapse(&self) -> Result<Option<u64>, Error> {
        // SQLite would prefer the index on states, and read all contacts.
        let sql = "SELECT expires_at FROM relations INDEXED BY relations_expiry
                   WHERE expires_at IS NOT NULL AND state IN (1, 2, 3) ORDER BY expires_at LIMIT 1";
        self.read(|db| Ok(db.prepare_cached(sql)?.query_row((), |row| uint(row, "expires_at")).optional()?))
            .await
    }

    /// The requests and the trust whose time is over at `now_ms`, in milliseconds since 1970; the 256 that are due
    /// longest. They stay until a turn changes them.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn lapsed(&self, now_ms: u64) -> Result<Vec<Relation>, Error> {
        const LAPSED_BY: &str = "INDEXED BY relations_expiry
             WHERE expires_at IS NOT NULL AND state IN (1, 2, 3) AND expires_at <= ?1
             ORDER BY expires_at LIMIT ?2";
        self.read(move |db| select(db, LAPSED_BY, (int(now_ms), LAPSED as i64))).await
    }
}

/// The relation to one agent.
pub(in crate::store) fn find(db: &Connection, agent: &[u8; 32]) -> Result<Option<Relation>, Error> {
    let mut find = db.prepare_cached("SELECT * FROM relations WHERE agent = ?1")?;
    Ok(find.query_row([agent], Relation::from_row).optional()?)
}

/// What an agent takes along when it moves: all but strangers who never were more than that.
pub(in crate::store) fn carried(db: &Connection) -> Result<Vec<Relation>, Error> {
    select(db, "WHERE state <> 0 OR known <> 0 ORDER BY since, agent", ())
}

fn select(db: &Connection, rest: &str, params: impl Params) -> Result<Vec<Relation>, Error> {
    let mut select = db.prepare_cached(&format!("SELECT * FROM relations {rest}"))?;
    let rows = select.query_map(params, Relation::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}
