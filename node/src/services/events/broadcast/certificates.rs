//! Certificates that were verified: most broadcasts come from authors that said something before.

use std::collections::HashMap;

use airway_protocols::{
    certificate::{self, Certificate},
    network::Realm,
};

/// Certificates in each half: 1,024 in all, of 2 KiB each.
const HALF: usize = 512;

/// Verified certificates of one network, by their bytes. Those that are used stay: of the two halves the older goes when the
/// newer is full, and what is found in the older moves over.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    newer: HashMap<Vec<u8>, Certificate>,
    older: HashMap<Vec<u8>, Certificate>,
}

impl Certificates {
    /// The certificate that these bytes are, verified once.
    ///
    /// # Errors
    /// If they are none of this network.
    pub(super) fn read(&mut self, bytes: &[u8], realm: &Realm) -> Result<Certificate, certificate::Error> {
        if let Some(known) = self.newer.get(bytes) {
            return Ok(known.clone());
        }
        let certificate = match self.older.remove(bytes) {
            Some(known) => known,
            None => Certificate::from_bytes(bytes, realm)?,
        };
        if self.newer.len() >= HALF {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(bytes.to_vec(), certificate.clone());
        Ok(certificate)
    }
}
