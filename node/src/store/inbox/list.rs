//! Listing the inbox, page by page.

use rusqlite::Connection;

use super::{
    super::{Error, Store, sql::int},
    Message,
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

impl Store {
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
