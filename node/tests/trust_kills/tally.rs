//! What came of the rounds.

use std::fmt;

#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) rounds: usize,
    pub(crate) kills: usize,
    /// Tickets that were used, some of which another tried as well.
    pub(crate) paired: usize,
    /// Rounds whose victim died of what was done before, and which were begun anew.
    pub(crate) anew: usize,
    /// Commands that were carried out, and whose answer was never heard.
    pub(crate) unheard: usize,
    /// Commands that came to nothing, and were given again.
    pub(crate) again: usize,
    /// What bob was served with after a revocation.
    pub(crate) served: Vec<String>,
    /// What was answered or committed, and is not so.
    pub(crate) lost: Vec<String>,
    /// Where nobody died.
    pub(crate) missed: Vec<String>,
}

impl Tally {
    pub(crate) fn add(mut self, other: Self) -> Self {
        self.rounds += other.rounds;
        self.kills += other.kills;
        self.paired += other.paired;
        self.anew += other.anew;
        self.unheard += other.unheard;
        self.again += other.again;
        self.served.extend(other.served);
        self.lost.extend(other.lost);
        self.missed.extend(other.missed);
        self
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rounds, kills, anew, unheard, again, served, lost, missed, .. } = self;
        let (served, lost, missed) = (served.len(), lost.len(), missed.len());
        write!(
            f,
            "{rounds} rounds, {kills} kills, {anew} begun anew, {unheard} done unheard, {again} given again, "
        )?;
        write!(f, "{served} served after a revocation, {lost} lost, {missed} places missed")
    }
}
