//! The private network that we are in.

use serde_json::{Value, json};

use super::News;
use crate::mesh::{Mesh, Standing};

/// Tells of networks that we join and leave, other than the one that we are in.
pub(super) async fn tell(news: News, mesh: Mesh, mut known: Option<Standing>) {
    let mut changes = mesh.standing_changes();
    loop {
        let standing = changes.borrow_and_update().clone();
        let id = |standing: &Option<Standing>| standing.as_ref().map(|standing| standing.genesis.id());
        if id(&known) != id(&standing) {
            if let Some(left) = &known {
                news.tell("network/left", &described(left));
            }
            if let Some(joined) = &standing {
                news.tell("network/joined", &described(joined));
            }
            known = standing;
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

fn described(standing: &Standing) -> Value {
    json!({
        "id": standing.genesis.id().to_string(),
        "name": standing.genesis.name().to_string(),
        "number": standing.genesis.number(),
        "address": standing.certificate.address().to_string(),
        "member_name": standing.certificate.name().map(ToString::to_string),
    })
}
