//! What a connection offers: those of the registered protocols that the policy admits its peer to, at this moment.

use std::{collections::HashSet, sync::Arc};

use libp2p::{
    StreamProtocol,
    core::{UpgradeInfo, upgrade::InboundUpgrade},
};

/// What one connection offered last. As large as an idle connection can afford: the list is shared with all peers that
/// may open the same.
#[derive(Debug, Default)]
pub(super) struct Offered {
    /// The versions of the registry and of the policy that the list was made under.
    as_of: Option<(u64, u64)>,
    protocols: Arc<[StreamProtocol]>,
}

impl Offered {
    /// The list under these versions, made anew if it is of others.
    pub(super) fn offer(
        &mut self,
        versions: (u64, u64),
        make: impl FnOnce() -> Arc<[StreamProtocol]>,
    ) -> Offer {
        if self.as_of != Some(versions) {
            self.protocols = make();
            self.as_of = Some(versions);
        }
        Offer { protocols: self.protocols.clone() }
    }
}

/// The lists that connections hold, each once.
#[derive(Debug, Default)]
pub(super) struct Lists(HashSet<Arc<[StreamProtocol]>>);

impl Lists {
    /// The shared copy of a list. Lists that no connection holds any more make room for a new one.
    pub(super) fn share(&mut self, list: Vec<StreamProtocol>) -> Arc<[StreamProtocol]> {
        if let Some(known) = self.0.get(list.as_slice()) {
            return known.clone();
        }
        self.0.retain(|list| Arc::strong_count(list) > 1);
        let list = Arc::from(list);
        self.0.insert(Arc::clone(&list));
        list
    }
}

/// All protocols that a peer may open, as one inbound upgrade.
#[derive(Debug, Clone)]
pub struct Offer {
    protocols: Arc<[StreamProtocol]>,
}

impl UpgradeInfo for Offer {
    type Info = StreamProtocol;
    type InfoIter = OfferIter;

    fn protocol_info(&self) -> Self::InfoIter {
        OfferIter { protocols: self.protocols.clone(), next: 0 }
    }
}

impl InboundUpgrade<libp2p::Stream> for Offer {
    type Output = (libp2p::Stream, StreamProtocol);
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_inbound(self, stream: libp2p::Stream, protocol: Self::Info) -> Self::Future {
        std::future::ready(Ok((stream, protocol)))
    }
}

/// Iterates over the protocols of an [`Offer`] without copying the list.
#[derive(Debug)]
pub struct OfferIter {
    protocols: Arc<[StreamProtocol]>,
    next: usize,
}

impl Iterator for OfferIter {
    type Item = StreamProtocol;

    fn next(&mut self) -> Option<Self::Item> {
        let protocol = self.protocols.get(self.next)?.clone();
        self.next += 1;
        Some(protocol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: StreamProtocol = StreamProtocol::new("/one");
    const TWO: StreamProtocol = StreamProtocol::new("/two");

    #[test]
    fn the_same_list_is_held_once_and_one_that_nobody_holds_is_forgotten() {
        let mut lists = Lists::default();
        let held = lists.share(vec![ONE]);
        assert!(Arc::ptr_eq(&held, &lists.share(vec![ONE])));
        drop(lists.share(vec![TWO]));
        drop(lists.share(Vec::new()));
        assert_eq!(lists.0.len(), 2, "the one that is held and the newest");
    }

    #[test]
    fn a_list_is_made_again_under_other_versions_alone() {
        let (mut offered, mut made) = (Offered::default(), 0);
        for versions in [(0, 0), (0, 0), (1, 0), (1, 1), (1, 1)] {
            offered.offer(versions, || {
                made += 1;
                Arc::from([ONE])
            });
        }
        assert_eq!(made, 3);
    }
}
