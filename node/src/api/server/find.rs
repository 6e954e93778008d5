//! Looking for agents, and being found.

use airway_protocols::tag::Tag;
use axum::extract::State;

use super::{
    super::{Code, Error, FindQuery, Found, Me, ProfileRequest},
    Daemon,
    contacts::wait,
    reply::{Body, Data, Query, Reply},
};

/// Looks for the one agent with a name or an address, or for all that say they can do something.
///
/// What is found is what was said: by the network's authority, or by an agent of itself. It has been checked that each
/// said so, and no more.
#[utoipa::path(get, path = "/v1/find", tag = "network", params(FindQuery), responses((status = 200, body = Data<Vec<Found>>)))]
pub(super) async fn find(
    State(Daemon { node, .. }): State<Daemon>,
    Query(FindQuery { who, tag, timeout_ms }): Query<FindQuery>,
) -> Reply<Vec<Found>> {
    let found = match (who, tag) {
        (Some(who), None) => vec![node.look_up(&who, wait(timeout_ms)).await?],
        (None, Some(text)) => node.look_up_tag(&parsed(&text)?, wait(timeout_ms)).await?,
        _ => {
            let error = Error::new(Code::BadRequest, "none or both of who and tag were given");
            return Err(error.hint("give exactly one of them").into());
        }
    };
    Ok(found.into_iter().map(Found::from).collect::<Vec<_>>().into())
}

/// Changes what others find of us: the name, the tags, or both.
#[utoipa::path(patch, path = "/v1/me", operation_id = "set_profile", tag = "daemon", request_body = ProfileRequest, responses((status = 200, body = Data<Me>)))]
pub(super) async fn set_profile(
    State(Daemon { node, .. }): State<Daemon>,
    Body(ProfileRequest { name, tags }): Body<ProfileRequest>,
) -> Reply<Me> {
    let tags = tags.map(|tags| tags.iter().map(|text| parsed(text)).collect::<Result<_, _>>()).transpose()?;
    node.set_profile(name.as_ref().map(Option::as_deref), tags).await?;
    Ok(Me::of(&node).await?.into())
}

/// The tag that a text is.
fn parsed(text: &str) -> Result<Tag, Error> {
    text.parse().map_err(|error| {
        Error::new(Code::BadRequest, format!("{text:?} cannot be a tag: {error}"))
            .hint("a tag has 1 to 32 lower-case letters, digits and inner hyphens")
    })
}
