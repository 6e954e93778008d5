//! Certificates are renewed before they expire, by whoever may issue them.

use std::time::Duration;

use airway_protocols::{
    card::Card,
    certificate::{Certificate, Invalid},
    name::Name,
};
use rand::Rng as _;
use tokio::time::sleep;

use super::{Mesh, MeshError, Standing};
use crate::{authority::Authority, clock};

/// The longest that it is not looked at the clock, which may jump.
const LOOK: Duration = Duration::from_secs(60);

/// Wait after the first attempt that failed; doubled each time, up to a tenth of the certificate's life.
const FIRST_RETRY: Duration = Duration::from_secs(2);

/// How long one member may take to answer.
const ANSWER: Duration = Duration::from_secs(15);

impl Mesh {
    /// Keeps our certificate good for as long as somebody renews it.
    pub(super) async fn keep_renewed(self) {
        let mut retry = FIRST_RETRY;
        while let Some(standing) = self.standing() {
            let due = due(&standing.certificate).saturating_sub(clock::unix_ms());
            // One of days to come was made by a clock that went wrong.
            let is_early = matches!(self.valid(&standing), Err(Invalid::NotYet));
            if due > 0 && !is_early {
                sleep(Duration::from_millis(due).min(LOOK)).await;
                continue;
            }
            match self.renew(None).await {
                Ok(certificate) => {
                    tracing::info!(expires = certificate.expires(), "our membership was renewed");
                    retry = FIRST_RETRY;
                }
                Err(MeshError::Over(why)) => {
                    tracing::warn!(%why, "this agent is a member of its network no more");
                    sleep(LOOK).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "our membership was not renewed");
                    let wait = retry.mul_f64(rand::rng().random_range(0.75..1.25));
                    sleep(wait).await;
                    let life = standing.certificate.expires() - standing.certificate.not_before();
                    retry = (retry * 2).min(Duration::from_millis(life / 10).max(FIRST_RETRY));
                }
            }
        }
    }

    /// Gets a newer certificate, with another name if one is given, and makes it hold.
    pub(super) async fn renew(&self, name: Option<Option<Name>>) -> Result<Certificate, MeshError> {
        let _renewing = self.0.renewing.lock().await;
        let standing = self.standing().ok_or(MeshError::NotInNetwork)?;
        let certificate = match self.authority()? {
            // Even if ours has ended: nobody else could give us another.
            Some(authority) => self.renewed_by_ourselves(&authority, &standing, name).await?,
            None => self.renewed_by_others(&self.stands()?, name).await?,
        };
        self.certified(standing, certificate.clone()).await?;
        self.tell_neighbours().await;
        Ok(certificate)
    }

    /// The founder is a member like any other: its name is its own as long as nobody else was given it.
    async fn renewed_by_ourselves(
        &self,
        authority: &Authority,
        standing: &Standing,
        name: Option<Option<Name>>,
    ) -> Result<Certificate, MeshError> {
        let (nonce, former) = (standing.certificate.nonce(), standing.certificate.name().cloned());
        let is_renamed = name.as_ref().is_some_and(|name| *name != former);
        let name = name.unwrap_or(former);
        let certificate = self.certify_ourselves(authority, &standing.realm, nonce, name)?;
        match self.issue_to_ourselves(&certificate).await? {
            Some(refusal) if is_renamed => {
                Err(MeshError::Refused { who: self.own.me().endpoint().to_string(), refusal })
            }
            _ => Ok(certificate),
        }
    }

    /// Asks whoever let us in first, then the other members that may.
    async fn renewed_by_others(
        &self,
        standing: &Standing,
        name: Option<Option<Name>>,
    ) -> Result<Certificate, MeshError> {
        let mut last = MeshError::NotAuthority;
        for member in self.issuers(standing) {
            match self.renew_at(&member, name.clone(), ANSWER).await {
                Ok(certificate) => return Ok(certificate),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn issuers(&self, standing: &Standing) -> Vec<Card> {
        let others = self.net.shared().members.list();
        let others = others.into_iter().filter(|member| member.certificate.roles().inviter);
        let mut issuers: Vec<Card> = others.map(|member| member.card).collect();
        let expelled = self.net.shared().members.revocations();
        if let Some(inviter) = standing.inviter.as_ref().filter(|card| !expelled.contains(&card.agent_id())) {
            // Its newer card, if we have met it since.
            let newer = issuers.iter().position(|card| card.agent_id() == inviter.agent_id());
            let first = newer.map_or_else(|| inviter.clone(), |at| issuers.remove(at));
            issuers.insert(0, first);
        }
        issuers
    }
}

/// When a certificate is renewed: after two thirds of its life.
fn due(certificate: &Certificate) -> u64 {
    let (from, until) = (certificate.not_before(), certificate.expires());
    from + until.saturating_sub(from) / 3 * 2
}
