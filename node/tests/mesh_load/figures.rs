//! What many lookups have taken.

use std::fmt;

use crate::agent::Look;

/// Times and requests of some lookups.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Milliseconds of those that found whom they looked for.
    times: Vec<f64>,
    requests: Vec<f64>,
    /// What became of the others.
    pub(crate) failures: Vec<String>,
}

impl Figures {
    pub(crate) fn add(&mut self, look: Look) {
        match look.found {
            Ok(requests) => {
                self.times.push(look.took);
                self.requests.push(requests.into());
            }
            Err(error) => self.failures.push(format!("after {:.0} ms: {error}", look.took)),
        }
    }

    /// Both together.
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.times.extend(other.times);
        self.requests.extend(other.requests);
        self.failures.extend(other.failures);
        self
    }

    pub(crate) fn count(&self) -> usize {
        self.times.len() + self.failures.len()
    }

    /// Which share has succeeded.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    pub(crate) fn success(&self) -> f64 {
        self.times.len() as f64 / self.count() as f64
    }
}

impl Extend<Look> for Figures {
    fn extend<T: IntoIterator<Item = Look>>(&mut self, looks: T) {
        looks.into_iter().for_each(|look| self.add(look));
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (times, requests) = (&self.times, &self.requests);
        write!(f, "{} lookups, {:.2} % found: ", self.count(), 100.0 * self.success())?;
        write!(f, "{}, ", Spread(times, " ms"))?;
        write!(f, "{}", Spread(requests, " requests"))
    }
}

/// Half of some values, most of them, and the largest.
pub(crate) struct Spread<'a>(pub(crate) &'a [f64], pub(crate) &'static str);

impl fmt::Display for Spread<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(values, unit) = self;
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        let at = |percent: usize| values.get(values.len().saturating_sub(1) * percent / 100);
        let [half, most, all] = [50, 95, 100].map(|percent| at(percent).copied().unwrap_or(f64::NAN));
        write!(f, "p50 {half:.0}{unit}, p95 {most:.0}{unit}, max {all:.0}{unit}")
    }
}
