//! `airway me`

use serde::Serialize;

use crate::{
    api::Me,
    cli::{
        Context, Error,
        commands::network::shown::{found_by, part},
        output::{Output, View, layout::Fields},
    },
};

/// Our names, from the shortest to the longest.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Myself(pub(super) Me);

impl Output for Myself {
    fn text(&self, _view: &View) -> String {
        let Me { name, address, tags, network, visibility, dht, agent_id, peer_id, .. } = &self.0;
        Fields::default()
            .add_some("name", name.as_ref())
            .add("address", address)
            .add_some("tags", (!tags.is_empty()).then(|| tags.join(", ")))
            .add("network", network.as_deref().unwrap_or("the backbone"))
            .add("visibility", found_by(*visibility))
            .add("directory", part(*dht))
            .add("agent id", agent_id)
            .add("peer id", peer_id)
            .text()
    }
}

pub(super) async fn run(context: &Context) -> Result<Myself, Error> {
    Ok(Myself(context.client()?.me().await?))
}
