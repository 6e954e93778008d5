//! Listing the inbox, page by page.

use rusqlite::{Connection, Row};

use super::{
    super::{
        Error, Store,
        sql::{int, uint},
    },
    File, InboxHead, Message,
};

/// Most messages in one page.
pub const MAX_LISTED: usize = 1000;
/// Bytes of bodies after which a page ends: pages are held in memory, for each client that asks.
const LISTED_BYTES: usize = 8 * 1024 * 1024;

/// Which messages to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only messages after this sequence number; 0 for all. The last of a page is where the next one begins.
    pub after: u64,
    /// Most messages to list; never more than [`MAX_LISTED`], which is also meant by `None`.
    pub limit: Option<usize>,
    /// Only messages not yet marked as read.
    pub unread: bool,
    /// Only messages from this agent.
    pub agent: Option<[u8; 32]>,
    /// Only messages that answer the message with this id.
    pub reply_to: Option<[u8; 16]>,
}

impl InboxHead {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let file = File::from_row(row)?;
        Ok(Self {
            seq: uint(row, "seq")?,
            agent: row.get("agent")?,
            id: row.get("id")?,
            kind: row.get("kind")?,
            reply_to: row.get("reply_to")?,
            size: file.as_ref().map_or_else(|| uint(row, "length"), |file| Ok(file.size))?,
            file,
        })
    }
}

impl Store {
    /// What is known of the messages after this sequence number besides their content, in the order of arrival; at most
    /// [`MAX_LISTED`].
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn inbox_heads(&self, after: u64) -> Result<Vec<InboxHead>, Error> {
        let sql = format!(
            "SELECT inbox.seq AS seq, agent, id, kind, reply_to, length(body) AS length, {} FROM inbox
             LEFT JOIN files ON files.seq = inbox.seq WHERE inbox.seq > ?1 ORDER BY inbox.seq LIMIT ?2",
            File::COLUMNS
        );
        self.read(move |db| {
            let mut list = db.prepare_cached(&sql)?;
            let rows = list.query_map((int(after), MAX_LISTED as i64), InboxHead::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Lists messages in the order of arrival.
    ///
    /// A page is shorter than the limit if its bodies are large; only an empty page is the end.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn inbox_list(&self, filter: Filter) -> Result<Vec<Message>, Error> {
        self.read(move |db| list(db, &filter)).await
    }
}

fn list(db: &Connection, filter: &Filter) -> Result<Vec<Message>, Error> {
    // A condition for each case rather than one that covers both: only then is an index of use.
    let agent = if filter.agent.is_some() { "agent = ?2" } else { "?2 IS NULL" };
    let reply_to = if filter.reply_to.is_some() { "reply_to = ?4" } else { "?4 IS NULL" };
    let unread = if filter.unread { "read = 0" } else { "TRUE" };
    let sql = format!(
        "{} WHERE inbox.seq > ?1 AND {agent} AND {reply_to} AND {unread} ORDER BY inbox.seq LIMIT ?3",
        Message::select()
    );
    let limit = filter.limit.unwrap_or(MAX_LISTED).min(MAX_LISTED);
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query((int(filter.after), filter.agent, limit as i64, filter.reply_to))?;
    let (mut page, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let message = Message::from_row(row)?;
        bytes += message.body.len();
        page.push(message);
        if bytes >= LISTED_BYTES {
            break;
        }
    }
    Ok(page)
}
