//! Finding one message, by the number or the beginning of the id that a user types.

use std::{fmt, str::FromStr};

use rusqlite::Connection;

use super::{
    super::{Error, Store, sql::int},
    Message,
};

/// Hexadecimal digits in a message id.
const ID_DIGITS: usize = 32;

/// How a message is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// By its place in the order of arrival.
    Seq(u64),
    /// By the beginning of its id.
    Id(Prefix),
}

impl Pick {
    /// The one that was found in `place`.
    pub(in crate::store) fn only<T>(self, found: &mut Vec<T>, place: &'static str) -> Result<T, GetError> {
        match (found.pop(), found.is_empty(), self) {
            (Some(only), true, _) => Ok(only),
            (Some(_), false, Self::Id(prefix)) => Err(GetError::Ambiguous(prefix)),
            (_, _, pick) => Err(GetError::NotFound { pick, place }),
        }
    }
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seq(seq) => seq.fmt(f),
            Self::Id(prefix) => prefix.fmt(f),
        }
    }
}

/// The beginning of the id of a message or a task, in hexadecimal digits; hyphens as in a UUID are skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// Lower-case digits, at least one.
    digits: String,
}

impl Prefix {
    /// All of an id.
    pub(crate) fn whole(id: &[u8; 16]) -> Self {
        Self { digits: format!("{:032x}", u128::from_be_bytes(*id)) }
    }

    /// The lowest and the highest id that begin so.
    pub(in crate::store) fn range(&self) -> ([u8; 16], [u8; 16]) {
        let (mut low, mut high) = ([0; 16], [0xff; 16]);
        for (at, digit) in self.digits.chars().enumerate() {
            // Every character was checked to be a digit.
            let digit = u8::try_from(digit.to_digit(16).unwrap_or_default()).unwrap_or_default();
            let (shift, mask) = if at % 2 == 0 { (4, 0x0f) } else { (0, 0xf0) };
            low[at / 2] = (low[at / 2] & mask) | (digit << shift);
            high[at / 2] = (high[at / 2] & mask) | (digit << shift);
        }
        (low, high)
    }
}

/// A text is not the beginning of an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the beginning of an id: expected up to {ID_DIGITS} hexadecimal digits")]
pub struct PrefixError(String);

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: String = text.chars().filter(|&c| c != '-').map(|c| c.to_ascii_lowercase()).collect();
        let good = (1..=ID_DIGITS).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_hexdigit());
        if good { Ok(Self { digits }) } else { Err(PrefixError(text.to_owned())) }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digits)
    }
}

/// Why there is not one message to return.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GetError {
    /// There is none, or it is gone.
    #[error("no message {pick} in the {place}")]
    NotFound {
        /// What was looked for.
        pick: Pick,
        /// `inbox` or `outbox`.
        place: &'static str,
    },
    /// There are several whose id begins so.
    #[error("more than one message id begins with {0}")]
    Ambiguous(Prefix),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl GetError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { place, .. } => Some(format!("list the {place} to see what it holds")),
            Self::Ambiguous(_) => Some("give more digits of the id, or the number of the message".into()),
            Self::Store(error) => error.hint(),
        }
    }
}

impl From<rusqlite::Error> for GetError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Finds one message. It is not marked as read by that.
    ///
    /// # Errors
    ///
    /// [`GetError`] unless exactly one message is meant.
    pub async fn inbox_get(&self, pick: Pick) -> Result<Message, GetError> {
        self.read(move |db| get(db, pick)).await
    }
}

fn get(db: &Connection, pick: Pick) -> Result<Message, GetError> {
    let select = Message::select();
    // Two at most: the second one shows that the first is not the only one.
    let mut found = match &pick {
        Pick::Seq(seq) => {
            let mut statement = db.prepare_cached(&format!("{select} WHERE inbox.seq = ?1"))?;
            statement.query_map([int(*seq)], Message::from_row)?.collect::<Result<Vec<_>, _>>()?
        }
        Pick::Id(prefix) => {
            let sql = format!("{select} WHERE id BETWEEN ?1 AND ?2 LIMIT 2");
            let mut statement = db.prepare_cached(&sql)?;
            statement.query_map(prefix.range(), Message::from_row)?.collect::<Result<Vec<_>, _>>()?
        }
    };
    pick.only(&mut found, "inbox")
}
