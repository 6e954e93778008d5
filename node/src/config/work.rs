//! Settings of tasks that others ask for, and of what receipts say about them.

use super::{
    error::Error,
    merge::Merge,
    setting::key,
    value::{Bad, one_of},
};

/// Most that a score can be asked for: the personal score of nobody gets further.
const MOST: f64 = 1_000_000.0;

/// Settings of tasks that others ask this agent for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tasks {
    /// Who accepts them.
    pub accept: Accept,
    /// Of whom they are taken, among those who may submit.
    pub policy: Policy,
    /// The least personal score of an agent whose tasks are taken, in thousandths.
    pub threshold_milli: u64,
}

/// Settings of reputation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Polo {
    /// Whether contacts that ask are shown the receipts of this agent, which name those whom it works with.
    pub share: bool,
}

/// Who accepts tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accept {
    /// The owner, or a worker that it runs.
    #[default]
    Manual,
    /// The agent, as they come.
    Auto,
}

impl Accept {
    /// The value as it is written in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Auto => "auto",
        }
    }
}

/// Of whom tasks are taken, among those who may submit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Of whoever is worth something to this agent: its personal score is not below the threshold.
    #[default]
    Score,
    /// Of whoever has a raw score that is not below that of this agent, as in Pilot.
    Pilot,
    /// Of everybody.
    Open,
}

impl Policy {
    /// The value as it is written in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Pilot => "pilot",
            Self::Open => "open",
        }
    }
}

impl Tasks {
    /// Settles these settings.
    pub(super) fn merge(merge: &mut Merge) -> Result<Self, Error> {
        let accept = merge.pick(key::TASKS_ACCEPT, |l| &mut l.tasks_accept, accept, Accept::default)?;
        let policy = merge.pick(key::TASKS_POLICY, |l| &mut l.tasks_policy, policy, Policy::default)?;
        let threshold_milli =
            merge.pick(key::TASKS_THRESHOLD, |l| &mut l.tasks_threshold, threshold, || 0)?;
        if threshold_milli > 0 && policy != Policy::Score {
            let hint = "a threshold is for scores alone: choose policy = \"score\", or leave it out";
            merge.contrary(key::TASKS_THRESHOLD, key::TASKS_POLICY, hint)?;
        }
        Ok(Self { accept, policy, threshold_milli })
    }

    /// The threshold as it is written in the configuration.
    pub(super) fn threshold(&self) -> serde_json::Value {
        match (self.threshold_milli / 1000, self.threshold_milli % 1000) {
            (whole, 0) => whole.into(),
            (whole, milli) => (whole as f64 + milli as f64 / 1000.0).into(),
        }
    }
}

impl Polo {
    /// Settles these settings.
    pub(super) fn merge(merge: &mut Merge) -> Result<Self, Error> {
        Ok(Self { share: merge.switch(key::POLO_SHARE, |l| &mut l.polo_share)? })
    }
}

fn accept(text: String) -> Result<Accept, Bad> {
    one_of(text, [Accept::Manual, Accept::Auto], Accept::as_str)
}

fn policy(text: String) -> Result<Policy, Bad> {
    one_of(text, [Policy::Score, Policy::Pilot, Policy::Open], Policy::as_str)
}

fn threshold(score: f64) -> Result<u64, Bad> {
    if (0.0..=MOST).contains(&score) {
        // Within what was checked: at most a thousand million.
        Ok((score * 1000.0).round() as u64)
    } else {
        Err(Bad::new(score, format!("a score from 0 to {MOST}")))
    }
}
