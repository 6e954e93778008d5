//! Looks at broadcasts, one after the other, and remembers what that takes: verified certificates, what was had of each
//! author, how much each says, and since when somebody is expelled.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use airway_protocols::{
    agent::AgentId, certificate::Certificate, events::broadcast::Broadcast, network::Realm,
    revocations::Revocations,
};
use libp2p::PeerId;

use super::{
    certificates::Certificates,
    finding::{Facts, Finding},
    windows::Windows,
};
use crate::bucket::{Buckets, Rate};

/// How much an author may say.
pub(super) const AUTHOR: Rate = Rate::per_second(200, 50);

/// Authors whose rate is remembered: 64 bytes each. One that has been silent for a few seconds need not be.
const AUTHORS: usize = 4096;

/// How much of one author a neighbour may bring that is of no use: twice what an author may say. An honest neighbour has let
/// no more pass itself, whatever the author told others.
const BROUGHT: Rate = Rate::per_second(400, 100);

/// Neighbours and authors for which that is remembered: 100 bytes each.
const PAIRS: usize = 16_384;

/// When and where a broadcast is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Here<'a> {
    pub(super) realm: &'a Realm,
    pub(super) revocations: &'a Revocations,
    /// Who we are: what we said we know.
    pub(super) own: AgentId,
    /// Unix milliseconds.
    pub(super) now: u64,
    /// The same by the clock that does not jump.
    pub(super) instant: Instant,
}

/// See the module; for one network.
#[derive(Debug)]
pub(super) struct Judge {
    certificates: Certificates,
    windows: Windows,
    /// When each of those expelled was first seen on a list: at most as many as fit on one. And the list's version.
    expelled: (u64, HashMap<AgentId, Instant>),
    authors: Buckets<AgentId>,
    brought: Buckets<(PeerId, AgentId)>,
}

impl Default for Judge {
    fn default() -> Self {
        Self {
            certificates: Certificates::default(),
            windows: Windows::default(),
            expelled: (0, HashMap::new()),
            authors: Buckets::new(AUTHOR, AUTHORS),
            brought: Buckets::new(BROUGHT, PAIRS),
        }
    }
}

impl Judge {
    /// What a neighbour has brought, if it is a broadcast, and what is to become of it.
    ///
    /// Nothing that is not validly signed changes what is remembered: no forgery stands in the way of an original.
    pub(super) fn look(
        &mut self,
        from: PeerId,
        data: &[u8],
        here: &Here<'_>,
    ) -> (Finding, Option<Broadcast>) {
        let certify = |bytes: &[u8]| self.certificates.read(bytes, here.realm);
        let Ok(broadcast) = Broadcast::from_bytes(data, &here.realm.id(), certify) else {
            return (Finding::Forged, None);
        };
        let finding = match self.judge(&broadcast, from, here) {
            Ok(()) => Finding::Passed,
            Err(finding) if finding.is_excusable() => self.excuse(finding, from, &broadcast, here),
            Err(finding) => finding,
        };
        (finding, Some(broadcast))
    }

    fn judge(&mut self, broadcast: &Broadcast, from: PeerId, here: &Here<'_>) -> Result<(), Finding> {
        let certificate = broadcast.certificate();
        let facts = Facts {
            at: broadcast.at(),
            now: here.now,
            stands: certificate.stands(here.now, here.revocations),
            expires: certificate.expires(),
            expelled_for: self.expelled_for(certificate, here),
        };
        facts.judge()?;
        let author = broadcast.publisher();
        // What comes back was said by us, or before we started anew.
        if author == here.own || !self.windows.take(author, broadcast.position(), here.instant) {
            return Err(Finding::Duplicate);
        }
        if !take(&mut self.authors, author, here.instant) {
            let too_much = broadcast.peer() == from && self.authors.knows(&author);
            return Err(if too_much { Finding::Flood } else { Finding::Excess });
        }
        Ok(())
    }

    /// One that is dropped without blame, unless the same neighbour has brought too many of this author. That we cannot
    /// remember it is nobody's fault.
    fn excuse(&mut self, finding: Finding, from: PeerId, broadcast: &Broadcast, here: &Here<'_>) -> Finding {
        let pair = (from, broadcast.publisher());
        let too_much = !take(&mut self.brought, pair, here.instant) && self.brought.knows(&pair);
        if too_much { Finding::Flood } else { finding }
    }

    /// For how long we have known that the member, or who let it in, was expelled.
    fn expelled_for(&mut self, certificate: &Certificate, here: &Here<'_>) -> Duration {
        let (version, since) = &mut self.expelled;
        if *version != here.revocations.version() {
            *version = here.revocations.version();
            since.retain(|agent, _| here.revocations.contains(agent));
            for agent in here.revocations.agents() {
                since.entry(*agent).or_insert(here.instant);
            }
        }
        let either = [Some(certificate.agent()), certificate.issuer()].into_iter().flatten();
        let known = either.filter_map(|agent| since.get(&agent));
        known.map(|since| here.instant.saturating_duration_since(*since)).max().unwrap_or_default()
    }
}

fn take<K: Eq + std::hash::Hash>(buckets: &mut Buckets<K>, key: K, now: Instant) -> bool {
    let has = buckets.has(&key, now);
    if has {
        buckets.take(key, now);
    }
    has
}

#[cfg(test)]
mod tests;
