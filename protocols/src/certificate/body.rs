//! What a certificate's envelope holds, and the rules for it.

use libp2p::identity::ed25519;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{Certificate, Error, Grant, MAX_BYTES};
use crate::{
    address::Address,
    agent::{self, AgentId},
    envelope::{self, Object},
    name::Name,
    network::{NetworkId, Realm, Roles},
    trust::MAX_TIME,
};

/// The version of certificates that this code writes and reads.
pub(super) const VERSION: u64 = 1;

/// The signed payload of a certificate. The order of the fields is their order on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Body {
    version: u64,
    network: NetworkId,
    /// Who signs: the authority, or the inviter whose certificate `issuer` is.
    #[serde(with = "serde_bytes")]
    by: [u8; 32],
    #[serde(with = "serde_bytes")]
    member: [u8; 32],
    nonce: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    roles: Roles,
    not_before: u64,
    expires: u64,
    #[serde(with = "serde_bytes")]
    serial: [u8; 16],
    /// The envelope of the inviter's certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer: Option<ByteBuf>,
}

impl Object for Body {
    const DOMAIN: &'static str = "airway-member-v1";
    const MAX_BYTES: usize = MAX_BYTES;

    fn signer(&self) -> &[u8; 32] {
        &self.by
    }
}

/// The contents of a certificate after every check but the signature's.
#[derive(Debug, Clone)]
pub(super) struct Contents {
    pub(super) key: ed25519::PublicKey,
    pub(super) agent: AgentId,
    pub(super) address: Address,
    pub(super) nonce: u8,
    pub(super) name: Option<Name>,
    pub(super) roles: Roles,
    pub(super) not_before: u64,
    pub(super) expires: u64,
    pub(super) serial: [u8; 16],
    pub(super) issuer: Option<AgentId>,
}

impl Body {
    /// What `by` would sign. Checks nothing.
    pub(super) fn new(
        realm: &Realm,
        by: &ed25519::PublicKey,
        issuer: Option<&Certificate>,
        grant: Grant,
    ) -> Self {
        let Grant { member, nonce, name, roles, not_before, expires, serial } = grant;
        Self {
            version: VERSION,
            network: realm.id(),
            by: by.to_bytes(),
            member: member.to_bytes(),
            nonce,
            name,
            roles,
            not_before,
            expires,
            serial,
            issuer: issuer.map(|issuer| ByteBuf::from(issuer.as_bytes())),
        }
    }

    /// Checks every rule and gives the contents their types.
    pub(super) fn validate(self, realm: &Realm) -> Result<Contents, Error> {
        self.names(realm)?;
        let issuer = match &self.issuer {
            Some(issuer) => Some(self.issued_by(issuer, realm)?),
            None => {
                self.signed_by_authority(realm)?;
                None
            }
        };
        let key = agent::strong_key(&self.member).ok_or(Error::Key)?;
        let agent = AgentId::of(&key);
        let address = match Address::derive(realm.number(), &agent, self.nonce) {
            Ok((address, nonce)) if nonce == self.nonce => address,
            _ => return Err(Error::Nonce(self.nonce)),
        };
        let Self { nonce, name, roles, not_before, expires, serial, .. } = self;
        Ok(Contents { key, agent, address, nonce, name, roles, not_before, expires, serial, issuer })
    }

    /// The rules that need neither the signer nor the member.
    fn names(&self, realm: &Realm) -> Result<(), Error> {
        if self.version != VERSION {
            return Err(Error::Version(self.version));
        }
        if self.network != realm.id() {
            return Err(Error::Network(self.network));
        }
        if self.not_before >= self.expires || self.expires > MAX_TIME {
            return Err(self.validity());
        }
        Ok(())
    }

    fn signed_by_authority(&self, realm: &Realm) -> Result<(), Error> {
        let authority = realm.authority().ok_or(Error::NoAuthority)?;
        if authority.to_bytes() == self.by { Ok(()) } else { Err(Error::Authority) }
    }

    /// Checks what an inviter with this certificate may sign, and returns who it is.
    fn issued_by(&self, issuer: &[u8], realm: &Realm) -> Result<AgentId, Error> {
        let invalid = |error: Error| Error::Issuer(Box::new(error));
        let body = envelope::open::<Self>(issuer).map_err(|error| invalid(error.into()))?;
        // Seen before anything inside is looked at, so that a chain costs no more than its length allows.
        if body.issuer.is_some() {
            return Err(Error::PathTooLong);
        }
        let issuer = body.validate(realm).map_err(invalid)?;
        if issuer.key.to_bytes() != self.by {
            return Err(Error::NotTheIssuer);
        }
        if !issuer.roles.inviter {
            return Err(Error::NotInviter);
        }
        if self.roles.inviter || !self.roles.within(issuer.roles) {
            return Err(Error::Roles(self.roles));
        }
        if self.not_before < issuer.not_before || self.expires > issuer.expires {
            return Err(self.validity());
        }
        Ok(issuer.agent)
    }

    const fn validity(&self) -> Error {
        Error::Validity { not_before: self.not_before, expires: self.expires }
    }
}
