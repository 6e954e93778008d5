//! What a claim's envelope holds, and the rules for it.

use libp2p::identity::ed25519;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{ClaimDraft, Error, LIFE, MAX_BYTES};
use crate::{
    card::Card,
    certificate::Certificate,
    envelope::Object,
    network::{NetworkId, Realm},
    tag::{MAX_TAGS, Tag},
    trust::MAX_TIME,
};

/// The version of claims that this code writes and reads.
pub(super) const VERSION: u64 = 1;

/// The signed payload of a claim. The order of the fields is their order on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Body {
    version: u64,
    network: NetworkId,
    /// The agent, who signs.
    #[serde(with = "serde_bytes")]
    by: [u8; 32],
    /// The envelope of its card.
    card: ByteBuf,
    tags: Vec<Tag>,
    issued: u64,
    expires: u64,
    /// The envelope of its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<ByteBuf>,
}

impl Object for Body {
    const DOMAIN: &'static str = "airway-claim-v1";
    const MAX_BYTES: usize = MAX_BYTES;

    fn signer(&self) -> &[u8; 32] {
        &self.by
    }
}

/// The contents of a claim after every check but the signature's.
#[derive(Debug, Clone)]
pub(super) struct Contents {
    pub(super) network: NetworkId,
    pub(super) card: Card,
    pub(super) tags: Vec<Tag>,
    pub(super) issued: u64,
    pub(super) expires: u64,
    pub(super) certificate: Option<Certificate>,
}

impl Body {
    /// What `by` would sign. Checks nothing.
    pub(super) fn new(realm: &Realm, by: &ed25519::PublicKey, draft: &ClaimDraft<'_>) -> Self {
        Self {
            version: VERSION,
            network: realm.id(),
            by: by.to_bytes(),
            card: ByteBuf::from(draft.card.as_bytes()),
            tags: draft.tags.to_vec(),
            issued: draft.issued,
            expires: draft.expires,
            certificate: draft.certificate.map(|certificate| ByteBuf::from(certificate.as_bytes())),
        }
    }

    /// Checks every rule and gives the contents their types.
    pub(super) fn validate(self, realm: &Realm) -> Result<Contents, Error> {
        self.names(realm)?;
        let card = Card::from_bytes(&self.card)?;
        if card.public_key().to_bytes() != self.by {
            return Err(Error::OfAnother);
        }
        if card.addresses().is_empty() && (card.name().is_some() || !self.tags.is_empty()) {
            return Err(Error::Unreachable);
        }
        let certificate = self.certificate.as_ref();
        let certificate = certificate.map(|bytes| Certificate::from_bytes(bytes, realm)).transpose()?;
        match &certificate {
            Some(certificate) => certified(&card, certificate)?,
            None if card.address().network() != realm.number() => {
                return Err(Error::Address(card.address()));
            }
            None => {}
        }
        let Self { network, tags, issued, expires, .. } = self;
        Ok(Contents { network, card, tags, issued, expires, certificate })
    }

    /// The rules that need neither card nor certificate: the cheap ones.
    fn names(&self, realm: &Realm) -> Result<(), Error> {
        if self.version != VERSION {
            return Err(Error::Version(self.version));
        }
        if self.network != realm.id() {
            return Err(Error::Network(self.network));
        }
        let Self { issued, expires, .. } = *self;
        if issued >= expires || expires > MAX_TIME || expires - issued > LIFE {
            return Err(Error::Validity { issued, expires });
        }
        if self.tags.len() > MAX_TAGS {
            return Err(Error::TagCount { found: self.tags.len() });
        }
        let twice = |(at, tag): (usize, &Tag)| self.tags[..at].contains(tag).then(|| tag.clone());
        if let Some(tag) = self.tags.iter().enumerate().find_map(twice) {
            return Err(Error::TagTwice(tag));
        }
        match (realm.authority(), &self.certificate) {
            (Some(_), None) => Err(Error::CertificateMissing),
            (None, Some(_)) => Err(Error::CertificateUnexpected),
            _ => Ok(()),
        }
    }
}

/// Whether the card says what the certificate does, as far as it says anything.
fn certified(card: &Card, certificate: &Certificate) -> Result<(), Error> {
    if card.public_key() != certificate.public_key() {
        return Err(Error::OfAnother);
    }
    if card.address() != certificate.address() {
        return Err(Error::Address(card.address()));
    }
    if card.name().is_some() && card.name() != certificate.name() {
        return Err(Error::Name);
    }
    Ok(())
}
