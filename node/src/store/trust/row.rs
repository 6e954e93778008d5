//! Relations as rows.

use rusqlite::{
    Connection, Row, ToSql, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

use super::{
    super::{
        Error, contacts,
        sql::{bits, from_bits, int, uint, uint_opt},
    },
    Relation, RelationState,
};

impl FromSql for RelationState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(match value.as_i64()? {
            0 => Self::Stranger,
            1 => Self::Requested,
            2 => Self::Pending,
            3 => Self::Trusted,
            4 => Self::Blocked,
            other => return Err(FromSqlError::OutOfRange(other)),
        })
    }
}

impl ToSql for RelationState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(*self as u8))
    }
}

impl Relation {
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            agent: row.get("agent")?,
            public_key: row.get("public_key")?,
            state: row.get("state")?,
            generation: from_bits(row, "generation")?,
            heard: from_bits(row, "heard")?,
            spoke_ms: uint(row, "spoke")?,
            request: row.get("request")?,
            address: row.get("address")?,
            name: row.get("name")?,
            alias: row.get("alias")?,
            multiaddrs: contacts::multiaddrs(row)?,
            justification: row.get("justification")?,
            source: row.get("source")?,
            invited: row.get("invited")?,
            scopes: row.get("scopes")?,
            granted: row.get("granted")?,
            since_ms: uint(row, "since")?,
            expires_at_ms: uint_opt(row, "expires_at")?,
            said: row.get("said")?,
            said_ticket: row.get("said_ticket")?,
            said_proof: row.get("said_proof")?,
            said_until_ms: uint_opt(row, "said_until")?,
            known: row.get("known")?,
        })
    }

    /// Whether this state is one that we had a part in.
    fn is_ours(&self) -> bool {
        matches!(self.state, RelationState::Requested | RelationState::Trusted)
    }
}

/// Writes a relation over whatever there was; what was known stays so.
pub(in crate::store) fn put(db: &Connection, relation: &Relation) -> Result<(), Error> {
    let mut put = db.prepare_cached(
        "INSERT OR REPLACE INTO relations
             (agent, public_key, state, generation, heard, spoke, request, address, name, alias, multiaddrs, justification,
              source, invited, scopes, granted, since, expires_at, said, said_ticket, said_proof, said_until, known)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
             ?22, ?23 OR coalesce((SELECT known FROM relations WHERE agent = ?1), 0))",
    )?;
    put.execute(params![
        relation.agent,
        relation.public_key,
        relation.state,
        bits(relation.generation),
        bits(relation.heard),
        int(relation.spoke_ms),
        relation.request,
        relation.address,
        relation.name,
        relation.alias,
        contacts::multiaddrs_json(&relation.multiaddrs),
        relation.justification,
        relation.source,
        relation.invited,
        relation.scopes,
        relation.granted,
        int(relation.since_ms),
        relation.expires_at_ms.map(int),
        relation.said,
        relation.said_ticket,
        relation.said_proof,
        relation.said_until_ms.map(int),
        relation.known || relation.is_ours(),
    ])?;
    Ok(())
}
