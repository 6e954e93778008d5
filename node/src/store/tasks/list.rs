//! Looking tasks up.

use rusqlite::{Connection, ToSql};

use super::{
    super::{
        Error, Store,
        inbox::Prefix,
        sql::{int, uint},
    },
    row::{TaskKey, TaskRow},
};

/// Most tasks in one page.
const MAX_LISTED: u32 = 1000;
/// Unsettled tasks in one page: somewhat more than are under way to an agent at once.
const UNSETTLED: u32 = 128;
/// Bytes after which a page ends: pages are held in memory, for each client that asks.
const LISTED_BYTES: usize = 8 * 1024 * 1024;

/// Which tasks to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Only tasks behind the one with this number; 0 for all.
    pub after: u64,
    /// Most tasks to list; never more than 1,000, which is also meant by `None`.
    pub limit: Option<u32>,
    /// Only those that we asked for, 0, or those asked of us, 1.
    pub role: Option<u8>,
    /// Only tasks in these states; empty for all.
    pub states: Vec<u8>,
    /// Only tasks with this agent.
    pub agent: Option<[u8; 32]>,
    /// The last ones in place of the first.
    pub tail: bool,
}

/// How a task is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskPick {
    /// The beginning of its id.
    pub id: Prefix,
    /// Only one that we asked for, 0, or one asked of us, 1.
    pub role: Option<u8>,
}

/// Why there is not one task to return.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TaskPickError {
    /// There is none, or it was forgotten.
    #[error("no task {0}")]
    NotFound(Prefix),
    /// There are several whose id begins so.
    #[error("more than one task id begins with {0}")]
    Ambiguous(Prefix),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl TaskPickError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound(_) => Some("list the tasks to see which there are".into()),
            Self::Ambiguous(_) => {
                Some("give more digits of the id, or say whether it is yours or theirs".into())
            }
            Self::Store(error) => error.hint(),
        }
    }
}

impl Store {
    /// Lists tasks in the order of arrival. A page is shorter than the limit if what they carry is large; only an empty page is
    /// the end.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn tasks_list(&self, filter: TaskFilter) -> Result<Vec<TaskRow>, Error> {
        self.read(move |db| list(db, &filter)).await
    }

    /// The queue: what waits to be taken, first to last; never more than 1,000.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn tasks_queued(&self) -> Result<Vec<TaskRow>, Error> {
        self.read(|db| page(db, "queued = 1 ORDER BY place LIMIT ?1", &[&MAX_LISTED])).await
    }

    /// How many tasks are ahead of this place in the queue.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn tasks_ahead(&self, place: u64) -> Result<u64, Error> {
        let sql = "SELECT count(*) AS ahead FROM tasks WHERE queued = 1 AND place < ?1";
        self.read(move |db| Ok(db.prepare_cached(sql)?.query_row([int(place)], |row| uint(row, "ahead"))?))
            .await
    }

    /// One task by its key.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn task(&self, key: TaskKey) -> Result<Option<TaskRow>, Error> {
        self.read(move |db| {
            let condition = "role = ?1 AND agent = ?2 AND id = ?3";
            Ok(page(db, condition, &[&key.role, &key.agent, &key.id])?.pop())
        })
        .await
    }

    /// One task by the beginning of its id.
    ///
    /// # Errors
    ///
    /// [`TaskPickError`] unless exactly one task is meant.
    pub async fn task_pick(&self, pick: TaskPick) -> Result<TaskRow, TaskPickError> {
        self.read(move |db| {
            let (low, high) = pick.id.range();
            let role = if pick.role.is_some() { "role = ?3" } else { "?3 IS NULL" };
            // Two at most: the second one shows that the first is not the only one.
            let condition = format!("id BETWEEN ?1 AND ?2 AND {role} LIMIT 2");
            let mut found = page(db, &condition, &[&low, &high, &pick.role])?;
            match (found.pop(), found.is_empty()) {
                (Some(only), true) => Ok(only),
                (Some(_), false) => Err(TaskPickError::Ambiguous(pick.id)),
                (None, _) => Err(TaskPickError::NotFound(pick.id)),
            }
        })
        .await
    }

    /// Tasks that an agent has to hear something of, oldest first, behind the one with this number: those that are to be
    /// submitted, or all others. Some; only an empty page is the end.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn tasks_unsettled(
        &self,
        agent: [u8; 32],
        submits: bool,
        after: u64,
    ) -> Result<Vec<TaskRow>, Error> {
        let condition = "agent = ?1 AND submits = ?2 AND settled = 0 AND seq > ?3 ORDER BY seq LIMIT ?4";
        self.read(move |db| page(db, condition, &[&agent, &submits, &int(after), &UNSETTLED])).await
    }

    /// Tasks that wait for a file to be delivered, of one agent or of all: as many as the quota for files lets be under way.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn tasks_held(&self, agent: Option<[u8; 32]>) -> Result<Vec<TaskRow>, Error> {
        let agent_is = if agent.is_some() { "agent = ?1" } else { "?1 IS NULL" };
        let condition = format!("held = 1 AND {agent_is} ORDER BY agent, seq");
        self.read(move |db| some(db, &condition, &[&agent])).await
    }

    /// The agents that have to hear something.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn tasks_unsettled_agents(&self) -> Result<Vec<[u8; 32]>, Error> {
        self.read(|db| {
            let mut agents = db.prepare_cached("SELECT DISTINCT agent FROM tasks WHERE settled = 0")?;
            let rows = agents.query_map((), |row| row.get("agent"))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The steady time at which next something happens to a task by itself.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn tasks_next_due(&self) -> Result<Option<u64>, Error> {
        let sql = "SELECT min(due) FROM tasks WHERE due IS NOT NULL";
        self.read(|db| {
            let due: Option<i64> = db.prepare_cached(sql)?.query_row((), |row| row.get(0))?;
            Ok(due.map(|due| u64::try_from(due).unwrap_or(0)))
        })
        .await
    }
}

fn list(db: &Connection, filter: &TaskFilter) -> Result<Vec<TaskRow>, Error> {
    // A condition for each case rather than one that covers both: only then is an index of use.
    let role = if filter.role.is_some() { "role = ?2" } else { "?2 IS NULL" };
    let agent = if filter.agent.is_some() { "agent = ?3" } else { "?3 IS NULL" };
    let states = if filter.states.is_empty() {
        "TRUE".to_owned()
    } else {
        let states: Vec<String> = filter.states.iter().map(u8::to_string).collect();
        format!("state IN ({})", states.join(", "))
    };
    let order = if filter.tail { "DESC" } else { "ASC" };
    let condition = format!("seq > ?1 AND {role} AND {agent} AND {states} ORDER BY seq {order} LIMIT ?4");
    let limit = filter.limit.unwrap_or(MAX_LISTED).min(MAX_LISTED);
    let mut found = page(db, &condition, &[&int(filter.after), &filter.role, &filter.agent, &limit])?;
    if filter.tail {
        found.reverse();
    }
    Ok(found)
}

fn page(db: &Connection, condition: &str, params: &[&dyn ToSql]) -> Result<Vec<TaskRow>, Error> {
    let mut statement =
        db.prepare_cached(&format!("SELECT {} FROM tasks WHERE {condition}", TaskRow::COLUMNS))?;
    let mut rows = statement.query(params)?;
    let (mut page, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let task = TaskRow::from_row(row)?;
        bytes += task.carried();
        page.push(task);
        if bytes >= LISTED_BYTES {
            break;
        }
    }
    Ok(page)
}

fn some(db: &Connection, condition: &str, params: &[&dyn ToSql]) -> Result<Vec<TaskRow>, Error> {
    let sql = format!("SELECT {} FROM tasks WHERE {condition}", TaskRow::COLUMNS);
    let mut statement = db.prepare_cached(&sql)?;
    Ok(statement.query_map(params, TaskRow::from_row)?.collect::<Result<_, _>>()?)
}
