//! What a broadcast's envelope holds, and the rules for it.

use libp2p::identity::ed25519;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{Error, MAX_BYTES};
use crate::{
    certificate::{self, Certificate},
    envelope::Object,
    events::{Position, Topic, wire::within_limit},
    network::NetworkId,
};

/// The version of broadcasts that this code writes and reads.
pub(super) const VERSION: u64 = 1;

/// The signed payload of a broadcast. The order of the fields is their order on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Body {
    version: u64,
    network: NetworkId,
    /// The author, who signs.
    #[serde(with = "serde_bytes")]
    by: [u8; 32],
    topic: Topic,
    position: Position,
    at: u64,
    payload: ByteBuf,
    /// The envelope of its certificate.
    certificate: ByteBuf,
}

impl Object for Body {
    const DOMAIN: &'static str = "airway-event-v1";
    const MAX_BYTES: usize = MAX_BYTES;

    fn signer(&self) -> &[u8; 32] {
        &self.by
    }
}

/// The contents of a broadcast after every check but the signature's.
#[derive(Debug, Clone)]
pub(super) struct Contents {
    pub(super) topic: Topic,
    pub(super) position: Position,
    pub(super) at: u64,
    pub(super) payload: Vec<u8>,
    pub(super) certificate: Certificate,
}

impl Body {
    /// What `by` would sign. Checks nothing.
    pub(super) fn new(
        network: NetworkId,
        by: &ed25519::PublicKey,
        topic: Topic,
        position: Position,
        at: u64,
        payload: Vec<u8>,
        certificate: &Certificate,
    ) -> Self {
        let certificate = ByteBuf::from(certificate.as_bytes());
        let payload = ByteBuf::from(payload);
        Self { version: VERSION, network, by: by.to_bytes(), topic, position, at, payload, certificate }
    }

    /// Checks every rule, the certificate last since it costs most, and returns that.
    pub(super) fn certified(
        &self,
        network: &NetworkId,
        certify: impl FnOnce(&[u8]) -> Result<Certificate, certificate::Error>,
    ) -> Result<Certificate, Error> {
        if self.version != VERSION {
            return Err(Error::Version(self.version));
        }
        if self.network != *network {
            return Err(Error::Network(self.network));
        }
        within_limit(&self.payload)?;
        let certificate = certify(&self.certificate)?;
        if certificate.public_key().to_bytes() == self.by { Ok(certificate) } else { Err(Error::OfAnother) }
    }

    /// Gives the contents their types. The certificate is what [`certified`](Self::certified) returned.
    pub(super) fn with(self, certificate: Certificate) -> Contents {
        let Self { topic, position, at, payload, .. } = self;
        Contents { topic, position, at, payload: payload.into_vec(), certificate }
    }
}
