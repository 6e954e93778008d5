//! What the founder of a network does, and whoever may invite.

use std::time::Duration;

use airway_protocols::{
    certificate::{Certificate, Grant},
    invite::{Invite, InviteDraft, InviteId},
    join::Refusal,
    name::Name,
    network::{Policy, Realm, Roles},
    revocations::Revocations,
};
use libp2p::{Multiaddr, multiaddr::Protocol};
use rand::Rng as _;

use super::{
    CERTIFICATE_LIFE, CERTIFICATE_LIVES, EPHEMERAL_LIFE, InviteOptions, InviteState, MAX_INVITE_LIFE, Mesh,
    MeshError, Network, NetworkOptions, Standing, Uses, door::refusal,
};
use crate::{
    authority::Authority,
    clock,
    crash::{self, Place},
    store::{InviteRow, Issue, IssueOutcome, IssuedRow, IssuedState, Membership},
};

/// Numbers that are drawn: below are those for local use, above is what is to come.
const NUMBERS: std::ops::RangeInclusive<u16> = 256..=65_534;

/// Members that an invite names, besides the one that made it.
const BOOTSTRAPS: usize = 4;

/// What the founder may do.
const FOUNDER: Roles = Roles { relay: true, inviter: true };

impl Mesh {
    /// Founds a network, and becomes its first member.
    pub(crate) async fn create(&self, name: &str, options: NetworkOptions) -> Result<Network, MeshError> {
        if self.config.swarm_key.is_some() {
            return Err(MeshError::SwarmKey);
        }
        let name = read_name(name)?;
        let number = options.number.unwrap_or_else(|| rand::rng().random_range(NUMBERS));
        if number == 0 || number > *NUMBERS.end() {
            return Err(MeshError::Number(number));
        }
        let policy = Policy { trust_members: options.trust_members };
        self.turn(|mesh| async move { mesh.found(name, number, policy).await }).await?;
        self.network().await?.ok_or(MeshError::NotInNetwork)
    }

    async fn found(&self, name: Name, number: u16, policy: Policy) -> Result<(), MeshError> {
        // Before the key of another network would be set aside.
        if let Some(standing) = self.standing() {
            return Err(MeshError::AlreadyInNetwork { name: standing.genesis.name().to_string() });
        }
        let authority = Authority::create(&self.home, name, number, policy, clock::unix_ms())?;
        crash::point(Place::Founded);
        self.enter_with(authority).await
    }

    /// Enters the network of the authority whose key is in this home, by a certificate of that key.
    pub(super) async fn enter_with(&self, authority: Authority) -> Result<(), MeshError> {
        let me = self.own.me();
        let own_name = me.name.as_deref().map(read_name).transpose()?;
        let genesis = authority.genesis().clone();
        let realm = Realm::of(&genesis);
        let certificate = self.certify_ourselves(&authority, &realm, me.nonce, own_name)?;
        let standing =
            Standing { genesis, realm, certificate, inviter: None, bootstraps: Vec::new(), ephemeral: false };
        let certificate = standing.certificate.clone();
        self.settle(standing, None).await?;
        // The list of who has which name is empty in a home that enters so.
        self.issue_to_ourselves(&certificate).await?;
        Ok(())
    }

    /// A certificate of the authority in this home for the agent in this home.
    pub(super) fn certify_ourselves(
        &self,
        authority: &Authority,
        realm: &Realm,
        nonce: u8,
        name: Option<Name>,
    ) -> Result<Certificate, MeshError> {
        let now = clock::unix_ms();
        let key = self.own.keypair().public().try_into_ed25519().map_err(|_| MeshError::NotAuthority)?;
        let grant = Grant {
            member: key,
            nonce,
            name,
            roles: FOUNDER,
            not_before: now,
            expires: now + millis(CERTIFICATE_LIFE),
            serial: rand::random(),
        };
        Ok(Certificate::sign(realm, &authority.keypair(), None, grant)?)
    }

    /// Notes our own name and number among those that are taken, until the certificate ends; says why not.
    pub(super) async fn issue_to_ourselves(
        &self,
        certificate: &Certificate,
    ) -> Result<Option<Refusal>, MeshError> {
        let row = issued(certificate, None);
        let issue = Issue { invite: None, now_ms: clock::unix_ms(), row, fresh_use: false };
        Ok(match self.store.issue(issue).await? {
            IssueOutcome::Issued => None,
            refused => Some(refusal(&refused)),
        })
    }

    /// Writes a membership, and makes it hold; in a turn, since another network may have been entered meanwhile.
    pub(super) async fn settle(
        &self,
        standing: Standing,
        revocations: Option<Revocations>,
    ) -> Result<(), MeshError> {
        self.may_enter(&standing.genesis)?;
        let row = Membership {
            genesis: standing.genesis.as_bytes().to_vec(),
            certificate: standing.certificate.as_bytes().to_vec(),
            revocations: revocations.as_ref().and_then(|list| list.as_bytes().map(<[u8]>::to_vec)),
            revocations_version: revocations.as_ref().map_or(0, Revocations::version),
            inviter: standing.inviter.as_ref().map(|card| card.as_bytes().to_vec()),
            bootstraps: standing.bootstraps.clone(),
            ephemeral: standing.ephemeral,
            joined_ms: clock::unix_ms(),
        };
        self.store.membership_enter(row).await?;
        crash::point(Place::Entered);
        self.enter(Some(standing), revocations.unwrap_or_default()).await;
        Ok(())
    }

    /// Makes an invite, and remembers it: it is presented to us.
    pub(crate) async fn invite(&self, options: InviteOptions) -> Result<Invite, MeshError> {
        let standing = self.stands()?;
        if !standing.certificate.roles().inviter {
            return Err(MeshError::NotInviter);
        }
        let is_authority = self.authority()?.is_some();
        if !may_grant(options.roles, standing.certificate.roles(), is_authority) {
            return Err(MeshError::Roles);
        }
        let now = clock::unix_ms();
        let usual = if options.ephemeral { EPHEMERAL_LIFE } else { CERTIFICATE_LIFE };
        let life = options.certificate_life.unwrap_or(usual);
        within("a certificate", life, CERTIFICATE_LIVES)?;
        within("an invite", options.lasts, Duration::from_secs(1)..=MAX_INVITE_LIFE)?;
        let (card, secret) = (self.own.card()?, rand::random());
        let draft = InviteDraft {
            genesis: &standing.genesis,
            card: &card,
            certificate: &standing.certificate,
            id: InviteId::from_bytes(rand::random()),
            secret,
            expires: now + millis(options.lasts),
            roles: options.roles,
            reusable: options.uses != Uses::Once,
            ephemeral: options.ephemeral,
            bootstraps: &self.bootstraps_to_name(),
        };
        let invite = Invite::sign(&self.own.keypair(), draft)?;
        let row = InviteRow {
            id: *invite.id().as_bytes(),
            secret: secret.into(),
            roles: options.roles.bits(),
            expires_ms: invite.expires(),
            uses_left: match options.uses {
                Uses::Once => Some(1),
                Uses::Times(uses) => Some(uses),
                Uses::Unlimited => None,
            },
            life_ms: millis(life),
            ephemeral: options.ephemeral,
            created_ms: now,
            withdrawn: false,
        };
        self.store.invite_put(row).await?;
        Ok(invite)
    }

    /// Invites of ours that may be used, and those that ended lately.
    pub(crate) async fn invites(&self) -> Result<Vec<InviteState>, MeshError> {
        let rows = self.store.invites_list().await?;
        let state = |row: InviteRow| InviteState {
            id: InviteId::from_bytes(row.id),
            roles: Roles::from_bits(row.roles).unwrap_or_default(),
            expires: row.expires_ms,
            uses_left: row.uses_left,
            ephemeral: row.ephemeral,
            withdrawn: row.withdrawn,
            created: row.created_ms,
        };
        Ok(rows.into_iter().map(state).collect())
    }

    /// Makes an invite worthless; `false` if there is none.
    pub(crate) async fn withdraw_invite(&self, id: InviteId) -> Result<bool, MeshError> {
        Ok(self.store.invite_withdraw(*id.as_bytes(), clock::unix_ms()).await?)
    }

    /// Members by whom a newcomer finds the network if we are away: those that relay before those that serve.
    fn bootstraps_to_name(&self) -> Vec<Multiaddr> {
        let helpers = self.helpers();
        let named = helpers.iter().filter_map(|member| {
            Some(member.card.addresses().first()?.clone().with(Protocol::P2p(member.peer())))
        });
        named.take(BOOTSTRAPS).collect()
    }
}

/// An inviter hands on at most what it may do, and never the right to invite; the authority hands on everything.
pub(super) fn may_grant(wanted: Roles, own: Roles, is_authority: bool) -> bool {
    is_authority || wanted.within(own) && !wanted.inviter
}

/// What is remembered of a certificate that was issued.
pub(super) fn issued(certificate: &Certificate, invite: Option<[u8; 16]>) -> IssuedRow {
    IssuedRow {
        agent: *certificate.agent().as_bytes(),
        name: certificate.name().map(ToString::to_string),
        node: certificate.address().node(),
        certificate: certificate.as_bytes().to_vec(),
        expires_ms: certificate.expires(),
        issued_ms: clock::unix_ms(),
        invite,
        state: IssuedState::Member,
    }
}

pub(super) fn read_name(name: &str) -> Result<Name, MeshError> {
    name.parse().map_err(|error: airway_protocols::name::ParseNameError| MeshError::Name {
        name: name.into(),
        reason: error.to_string(),
    })
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn within(
    what: &'static str,
    time: Duration,
    range: std::ops::RangeInclusive<Duration>,
) -> Result<(), MeshError> {
    if range.contains(&time) {
        return Ok(());
    }
    let [given, low, high] = [time, *range.start(), *range.end()].map(humantime::format_duration);
    Err(MeshError::Time { what, given: given.to_string(), range: format!("{low} to {high}") })
}
