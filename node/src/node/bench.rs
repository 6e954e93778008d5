//! Measuring the way to a contact.

use std::io;

use tokio_util::task::AbortOnDropHandle;

use super::Node;
use crate::{
    Contact, DialError,
    bench::{self, BenchError, Plan, Progress, Report},
};

impl Node {
    /// Measures round trips, bytes a second and new streams a second to a contact, as the plan says. Dropping the
    /// future ends it.
    ///
    /// `progress` hears some ten times a second how far it is. It is called beside the network, and must not block.
    ///
    /// # Errors
    /// See [`BenchError`]. A contact serves one such run of ours at a time, and is busy for a second one.
    pub async fn bench(
        &self,
        to: &Contact,
        plan: Plan,
        progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Report, BenchError> {
        plan.validate()?;
        let measuring = bench::run(self.0.reach.clone(), to.clone(), plan, Box::new(progress));
        let ended = AbortOnDropHandle::new(self.spawn(measuring)).await;
        let report = ended.map_err(|error| DialError::broken(to, io::Error::other(error)))?;
        Ok(report?)
    }
}
