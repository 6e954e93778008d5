//! How full the inbox is.

use super::super::{Error, Store, sql::uint};

/// What the inbox holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboxUsage {
    /// Messages.
    pub messages: u64,
    /// Messages not marked as read.
    pub unread: u64,
    /// Bytes as they count against the quota.
    pub bytes: u64,
}

impl Store {
    /// What the inbox holds.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails.
    pub async fn inbox_usage(&self) -> Result<InboxUsage, Error> {
        let sql = "SELECT (SELECT count(*) FROM inbox) AS messages,
                          (SELECT count(*) FROM inbox WHERE read = 0) AS unread,
                          bytes FROM inbox_usage";
        self.read(move |db| {
            let usage = |row: &rusqlite::Row<'_>| {
                let (messages, unread) = (uint(row, "messages")?, uint(row, "unread")?);
                Ok(InboxUsage { messages, unread, bytes: uint(row, "bytes")? })
            };
            Ok(db.prepare_cached(sql)?.query_row((), usage)?)
        })
        .await
    }
}
