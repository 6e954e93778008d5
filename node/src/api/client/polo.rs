//! The calls about reputation.

use hyper::{Method, body::Bytes};

use super::{Client, REMOTE, remote_limit, target::Target, transport::Body};
use crate::api::{Error, Polo, PoloExportQuery, PoloImportRequest, PoloImported, PoloPullRequest, PoloWhy};

impl Client {
    /// What receipts say about this agent, and then about each contact.
    pub async fn polo(&self) -> Result<Vec<Polo>, Error> {
        self.get(Target::new(["polo"])).await
    }

    /// What receipts say about an agent.
    pub async fn polo_of(&self, who: &str) -> Result<Polo, Error> {
        self.get(Target::new(["polo", who])).await
    }

    /// Where the personal score of an agent comes from.
    pub async fn polo_why(&self, who: &str) -> Result<PoloWhy, Error> {
        self.get(Target::new(["polo", who, "why"])).await
    }

    /// Our receipts, as a file that anybody can verify.
    pub async fn export_polo(&self, query: &PoloExportQuery) -> Result<Bytes, Error> {
        self.bytes(Target::new(["polo", "export"]).query(query)?).await
    }

    /// Takes receipts in that somebody has exported.
    pub async fn import_polo(&self, request: &PoloImportRequest) -> Result<PoloImported, Error> {
        self.call(Method::POST, Target::new(["polo", "import"]), Body::json(request)?, REMOTE).await
    }

    /// Asks a contact for its receipts.
    pub async fn pull_polo(&self, request: &PoloPullRequest) -> Result<PoloImported, Error> {
        let limit = remote_limit(request.timeout_ms);
        self.call(Method::POST, Target::new(["polo", "pull"]), Body::json(request)?, limit).await
    }
}
