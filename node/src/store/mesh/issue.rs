//! Giving out a certificate: the invite, its use, and all that has to be unique, in one change.

use std::time::Duration;

use rusqlite::Connection;

use super::{
    super::{
        Error, Store,
        sql::{int, uint},
    },
    InviteRow, IssuedRow, IssuedState, MAX_ISSUED, invites, issued,
};

/// How long an agent is remembered whose certificate has expired: it may come back under the same name and node number
/// as long as nobody else has taken them, and the owner can see that it was there.
const KEEP_EXPIRED: Duration = Duration::from_secs(30 * 24 * 3600);

/// A certificate to be given out.
#[derive(Clone, Debug)]
pub struct Issue {
    /// The invite that speaks for the agent; `None` if it needs none, such as a member that renews its certificate.
    pub invite: Option<[u8; 16]>,
    /// Now, in milliseconds since 1970.
    pub now_ms: u64,
    /// The certificate, and what stands in it.
    pub row: IssuedRow,
    /// A use of the invite is counted.
    pub fresh_use: bool,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum IssueOutcome {
    /// It is on the disk, and may be handed out.
    Issued,
    /// The agent was given this certificate for the same invite, and it is still good: the answer was lost. Nothing was
    /// counted.
    Same(Vec<u8>),
    /// The time of the invite is over.
    Expired,
    /// The invite was used as often as it may be.
    Exhausted,
    /// The invite was taken back.
    Withdrawn,
    /// There is no such invite.
    Unknown,
    /// Another member has the name.
    NameTaken,
    /// Another member has the node number.
    NodeTaken,
    /// The agent was expelled.
    Expelled,
    /// There are [`MAX_ISSUED`] members.
    Full,
}

impl Store {
    /// Gives out a certificate, if the invite and the members that there are let it. Whatever the outcome is but
    /// [`IssueOutcome::Issued`], nothing has changed.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database fails; then nothing has changed.
    pub async fn issue(&self, issue: Issue) -> Result<IssueOutcome, Error> {
        self.write(move |db| run(db, &issue)).await
    }
}

fn run(db: &Connection, issue: &Issue) -> Result<IssueOutcome, Error> {
    let Issue { row, now_ms, .. } = issue;
    let before = issued::find(db, &row.agent)?;
    if let Some(decided) = before.as_ref().and_then(|before| known(before, issue)) {
        return Ok(decided);
    }
    if let Some(id) = &issue.invite {
        let Some(invite) = invites::find(db, id)? else { return Ok(IssueOutcome::Unknown) };
        if let Some(refused) = refusal(&invite, issue) {
            return Ok(refused);
        }
    }
    if let Some(name) = &row.name
        && issued::name_is_taken(db, name, &row.agent, *now_ms)?
    {
        return Ok(IssueOutcome::NameTaken);
    }
    if issued::node_is_taken(db, row.node, &row.agent, *now_ms)? {
        return Ok(IssueOutcome::NodeTaken);
    }
    if before.is_none() && !make_room(db, *now_ms)? {
        return Ok(IssueOutcome::Full);
    }
    if let (Some(id), true) = (&issue.invite, issue.fresh_use) {
        invites::count_use(db, id, *now_ms)?;
    }
    // Whoever comes with the same invite after a renewal is the same member still.
    let invite = row.invite.or_else(|| before.and_then(|before| before.invite));
    issued::put(db, &IssuedRow { invite, ..row.clone() })?;
    Ok(IssueOutcome::Issued)
}

/// What the agent's last certificate decides by itself.
fn known(before: &IssuedRow, issue: &Issue) -> Option<IssueOutcome> {
    if before.state == IssuedState::Expelled {
        return Some(IssueOutcome::Expelled);
    }
    let same = issue.invite.is_some()
        && before.invite == issue.invite
        && before.state == IssuedState::Member
        && issue.now_ms < before.expires_ms;
    same.then(|| IssueOutcome::Same(before.certificate.clone()))
}

/// Why the invite does not do.
fn refusal(invite: &InviteRow, issue: &Issue) -> Option<IssueOutcome> {
    if invite.withdrawn {
        Some(IssueOutcome::Withdrawn)
    } else if invite.expires_ms <= issue.now_ms {
        Some(IssueOutcome::Expired)
    } else if issue.fresh_use && invite.uses_left == Some(0) {
        Some(IssueOutcome::Exhausted)
    } else {
        None
    }
}

/// Whether there is room for one more agent, once those were forgotten who need not be remembered. Who was expelled
/// always is.
fn make_room(db: &Connection, now_ms: u64) -> Result<bool, Error> {
    let keep = u64::try_from(KEEP_EXPIRED.as_millis()).unwrap_or(u64::MAX);
    forget(db, now_ms.saturating_sub(keep))?;
    if count(db)? < MAX_ISSUED as u64 {
        return Ok(true);
    }
    forget(db, now_ms)?;
    db.prepare_cached("DELETE FROM issued WHERE state = 1")?.execute(())?;
    Ok(count(db)? < MAX_ISSUED as u64)
}

/// Forgets those whose certificate had expired at the time `until_ms`.
fn forget(db: &Connection, until_ms: u64) -> Result<(), Error> {
    let mut forget = db.prepare_cached("DELETE FROM issued WHERE state IN (0, 1) AND expires_at <= ?1")?;
    forget.execute([int(until_ms)])?;
    Ok(())
}

fn count(db: &Connection) -> Result<u64, Error> {
    let mut count = db.prepare_cached("SELECT count(*) AS agents FROM issued WHERE state <> 2")?;
    Ok(count.query_row((), |row| uint(row, "agents"))?)
}
