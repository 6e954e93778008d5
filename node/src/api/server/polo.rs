//! What receipts say about agents.

use std::path::PathBuf;

use airway_protocols::agent::AgentId;
use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse as _, Response},
};

use super::{
    super::{Code, Error, Polo, PoloExportQuery, PoloImportRequest, PoloImported, PoloPullRequest, PoloWhy},
    Daemon,
    contacts::meet,
    path::Who,
    reply::{Body, Data, Failure, Path, Query, Reply},
};
use crate::Node;

/// The word for this agent itself.
const ME: &str = "me";

/// What receipts say about this agent, and about each contact.
#[utoipa::path(get, path = "/v1/polo", operation_id = "polo", tag = "polo", responses((status = 200, body = Data<Vec<Polo>>)))]
pub(super) async fn list(State(Daemon { node, .. }): State<Daemon>) -> Reply<Vec<Polo>> {
    let contacts = node.contacts().into_iter().map(|contact| contact.agent);
    let agents: Vec<_> = [node.me().agent].into_iter().chain(contacts).collect();
    let scores = computed(node, move |node| {
        agents.iter().map(|agent| Polo::of(node, &node.polo(agent))).collect::<Vec<_>>()
    });
    Ok(scores.await?.into())
}

/// What receipts say about an agent.
#[utoipa::path(get, path = "/v1/polo/{who}", operation_id = "polo_of", tag = "polo", params(Who), responses((status = 200, body = Data<Polo>)))]
pub(super) async fn show(
    State(Daemon { node, .. }): State<Daemon>,
    Path(Who { who }): Path<Who>,
) -> Reply<Polo> {
    let agent = agent(&node, &who).await?;
    Ok(computed(node, move |node| Polo::of(node, &node.polo(&agent))).await?.into())
}

/// Where the personal score of an agent comes from.
#[utoipa::path(get, path = "/v1/polo/{who}/why", operation_id = "polo_why", tag = "polo", params(Who), responses((status = 200, body = Data<PoloWhy>)))]
pub(super) async fn why(
    State(Daemon { node, .. }): State<Daemon>,
    Path(Who { who }): Path<Who>,
) -> Reply<PoloWhy> {
    let agent = agent(&node, &who).await?;
    Ok(computed(node, move |node| PoloWhy::of(node, &node.polo_why(&agent))).await?.into())
}

/// Our receipts, as a file that anybody can verify: text, without an envelope.
#[utoipa::path(get, path = "/v1/polo/export", operation_id = "export_polo", tag = "polo", params(PoloExportQuery), responses((status = 200, body = String, content_type = "text/plain")))]
pub(super) async fn export(
    State(Daemon { node, .. }): State<Daemon>,
    Query(PoloExportQuery { with }): Query<PoloExportQuery>,
) -> Result<Response, Failure> {
    let with = match with {
        Some(who) => Some(node.known(&who).await?),
        None => None,
    };
    let file = node.polo_export(with.as_ref()).await?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], file).into_response())
}

/// Takes in receipts that a contact has exported.
#[utoipa::path(post, path = "/v1/polo/import", operation_id = "import_polo", tag = "polo", request_body = PoloImportRequest, responses((status = 200, body = Data<PoloImported>)))]
pub(super) async fn import(
    State(Daemon { node, .. }): State<Daemon>,
    Body(PoloImportRequest { path }): Body<PoloImportRequest>,
) -> Reply<PoloImported> {
    let path = absolute(path)?;
    Ok(PoloImported::from(node.polo_import(path).await?).into())
}

/// Asks a contact for its receipts.
#[utoipa::path(post, path = "/v1/polo/pull", operation_id = "pull_polo", tag = "polo", request_body = PoloPullRequest, responses((status = 200, body = Data<PoloImported>)))]
pub(super) async fn pull(
    State(Daemon { node, .. }): State<Daemon>,
    Body(PoloPullRequest { who, timeout_ms }): Body<PoloPullRequest>,
) -> Reply<PoloImported> {
    let (from, wait) = meet(&node, &who, timeout_ms).await?;
    Ok(PoloImported::from(node.polo_pull(&from, wait).await?).into())
}

/// A path as a caller has to give it.
pub(super) fn absolute(path: String) -> Result<PathBuf, Error> {
    let path = PathBuf::from(path);
    if path.is_absolute() {
        return Ok(path);
    }
    let error =
        Error::new(Code::BadRequest, format!("{:?} is not an absolute path", path.display().to_string()));
    Err(error.hint("the daemon does not know your working directory: begin it with /"))
}

/// Whom a path means: this agent, or one that it has to do with.
async fn agent(node: &Node, who: &str) -> Result<AgentId, Error> {
    if who == ME { Ok(node.me().agent) } else { Ok(node.known(who).await?) }
}

/// Scores take the processor a while.
async fn computed<T: Send + 'static>(
    node: Node,
    compute: impl FnOnce(&Node) -> T + Send + 'static,
) -> Result<T, Error> {
    let computed = tokio::task::spawn_blocking(move || compute(&node)).await;
    computed.map_err(|panicked| Error::new(Code::Internal, panicked.to_string()))
}
