//! The private network that this agent is in: founding, joining and leaving it, its members and its authority.

pub(super) mod invites;

use airway_protocols::invite::Invite;
use axum::extract::State;
use zeroize::Zeroizing;

use super::{
    super::{
        Code, CreateRequest, Error, Home, ImportRequest, JoinRequest, LeaveQuery, Member, Network,
        PassphraseRequest, SealedAuthority, WhoRequest,
    },
    Daemon,
    contacts::wait,
    reply::{Body, Data, Query, Reply},
};
use crate::mesh::{MeshError, NetworkOptions};

/// In which network are we.
#[utoipa::path(get, path = "/v1/network", operation_id = "network", tag = "network", responses((status = 200, body = Data<Home>)))]
pub(super) async fn show(State(Daemon { node, .. }): State<Daemon>) -> Reply<Home> {
    Ok(Home::of(&node).await?.into())
}

/// Founds a network, with this agent as its authority and first member.
///
/// Our address begins with its number from then on. Contacts stay.
#[utoipa::path(post, path = "/v1/network", operation_id = "create_network", tag = "network", request_body = CreateRequest, responses((status = 200, body = Data<Network>)))]
pub(super) async fn create(
    State(Daemon { node, .. }): State<Daemon>,
    Body(CreateRequest { name, trust_members, number }): Body<CreateRequest>,
) -> Reply<Network> {
    let network = node.create_network(&name, NetworkOptions { trust_members, number }).await?;
    Ok(Network::of(&node, network).into())
}

/// Leaves the network, and returns how it was. We are on the backbone again, and contacts stay.
#[utoipa::path(delete, path = "/v1/network", operation_id = "leave_network", tag = "network", params(LeaveQuery), responses((status = 200, body = Data<Network>)))]
pub(super) async fn leave(
    State(Daemon { node, .. }): State<Daemon>,
    Query(LeaveQuery { abandon }): Query<LeaveQuery>,
) -> Reply<Network> {
    let network = node.leave_network(abandon).await?;
    Ok(Network::of(&node, network).into())
}

/// The members that are known here, we ourselves included: those that were let in here, and those that were met.
#[utoipa::path(get, path = "/v1/network/members", operation_id = "members", tag = "network", responses((status = 200, body = Data<Vec<Member>>)))]
pub(super) async fn members(State(Daemon { node, .. }): State<Daemon>) -> Reply<Vec<Member>> {
    let members = node.members().await?.into_iter().map(|member| Member::of(&node, member));
    Ok(members.collect::<Vec<_>>().into())
}

/// Ends the membership of an agent for good; takes the key of the network's authority.
#[utoipa::path(post, path = "/v1/network/expel", tag = "network", request_body = WhoRequest, responses((status = 200, body = Data<Member>)))]
pub(super) async fn expel(
    State(Daemon { node, .. }): State<Daemon>,
    Body(WhoRequest { who }): Body<WhoRequest>,
) -> Reply<Member> {
    let expelled = node.expel(&who).await?;
    Ok(Member::of(&node, expelled).into())
}

/// Joins a network by an invite, and waits until whoever made it has let us in.
#[utoipa::path(post, path = "/v1/network/join", tag = "network", request_body = JoinRequest, responses((status = 200, body = Data<Network>)))]
pub(super) async fn join(
    State(Daemon { node, .. }): State<Daemon>,
    Body(JoinRequest { invite, name, timeout_ms }): Body<JoinRequest>,
) -> Reply<Network> {
    let invite: Invite =
        invite.trim().parse().map_err(|error: airway_protocols::invite::Error| Error::from(error))?;
    let network = node.join(&invite, name.as_deref(), wait(timeout_ms)).await?;
    Ok(Network::of(&node, network).into())
}

/// Seals the key of the network's authority with a passphrase. It stays here, too.
#[utoipa::path(post, path = "/v1/network/export", operation_id = "export_authority", tag = "network", request_body = PassphraseRequest, responses((status = 200, body = Data<SealedAuthority>)))]
pub(super) async fn export(
    State(Daemon { node, .. }): State<Daemon>,
    Body(PassphraseRequest { passphrase }): Body<PassphraseRequest>,
) -> Reply<SealedAuthority> {
    let passphrase = secret(passphrase)?;
    let network = node.network().await?.ok_or(MeshError::NotInNetwork)?.name;
    let sealed = node.export_authority(passphrase).await?;
    Ok(SealedAuthority { network, sealed: String::from_utf8_lossy(&sealed).into_owned() }.into())
}

/// Takes in the key of the network's authority that another home has exported.
#[utoipa::path(post, path = "/v1/network/import", operation_id = "import_authority", tag = "network", request_body = ImportRequest, responses((status = 200, body = Data<Network>)))]
pub(super) async fn import(
    State(Daemon { node, .. }): State<Daemon>,
    Body(ImportRequest { sealed, passphrase }): Body<ImportRequest>,
) -> Reply<Network> {
    let network = node.import_authority(sealed.into_bytes(), secret(passphrase)?).await?;
    Ok(Network::of(&node, network).into())
}

fn secret(text: String) -> Result<Zeroizing<String>, Error> {
    if text.is_empty() {
        return Err(Error::new(Code::BadRequest, "the passphrase is empty").hint("give one"));
    }
    Ok(Zeroizing::new(text))
}
