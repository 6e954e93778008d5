//! Numbers between Rust and SQLite, whose integers are signed.

use rusqlite::Row;

/// `number` for SQLite; the largest it has in place of a larger one.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The number in `column`, 0 in place of a negative one, which is never stored.
pub(super) fn uint(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

/// Like [`uint`], for a column that may be empty.
pub(super) fn uint_opt(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(|number| u64::try_from(number).unwrap_or(0)))
}

/// All 64 bits of a number that another agent chose, for a column that is never compared in SQL.
pub(super) fn bits(number: u64) -> i64 {
    number.cast_signed()
}

/// The reverse of [`bits`].
pub(super) fn from_bits(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.cast_unsigned())
}
