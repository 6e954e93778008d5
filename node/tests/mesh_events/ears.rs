//! Somebody who hears the events of a network, and remembers all of them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use airway::{
    Delivery, Node, Source,
    protocols::events::{Event, Since, Subscribe, Topic},
};
use tokio::task::JoinHandle;

use crate::common::{PATIENCE, until};

/// See the module; ends with the test.
pub(crate) struct Ears {
    heard: Arc<Mutex<Heard>>,
    task: JoinHandle<()>,
}

/// What came.
#[derive(Debug, Default)]
struct Heard {
    events: Vec<Event>,
    gaps: usize,
    /// The error that it ended with.
    ended: Option<String>,
}

impl Drop for Ears {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Ears {
    /// Subscribes to what matches, from now on.
    pub(crate) async fn new(node: &Node, patterns: &[&str]) -> Self {
        Self::since(node, patterns, Since::Now).await
    }

    /// The same from another time on.
    pub(crate) async fn since(node: &Node, patterns: &[&str], since: Since) -> Self {
        let patterns = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
        let what = Subscribe { patterns, since };
        let mut subscription = node.subscribe(&Source::Mesh, what, PATIENCE).await.unwrap();
        let heard = Arc::<Mutex<Heard>>::default();
        let noted = heard.clone();
        let task = tokio::spawn(async move {
            while let Some(delivery) = subscription.next().await {
                let mut noted = noted.lock().unwrap();
                match delivery {
                    Ok(Delivery::Event(event)) => noted.events.push(event),
                    Ok(Delivery::Gap(_)) => noted.gaps += 1,
                    Err(error) => noted.ended = Some(error.to_string()),
                }
            }
        });
        Self { heard, task }
    }

    /// How often each text was heard.
    pub(crate) fn texts(&self) -> BTreeMap<String, usize> {
        let mut texts = BTreeMap::new();
        for event in &self.heard.lock().unwrap().events {
            *texts.entry(String::from_utf8(event.payload.clone()).unwrap()).or_default() += 1;
        }
        texts
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.heard.lock().unwrap().events.clone()
    }

    /// The error that it ended with, once it has.
    pub(crate) fn ended(&self) -> Option<String> {
        self.heard.lock().unwrap().ended.clone()
    }

    /// Waits until this was heard.
    pub(crate) async fn hears(&self, text: &str) {
        until(&format!("{text} is heard"), async || self.texts().contains_key(text)).await;
    }

    /// Waits until all of these were heard; nothing else was, nothing twice, and nothing is missing.
    pub(crate) async fn hears_exactly(&self, who: &str, texts: &[String]) {
        let wanted: BTreeMap<String, usize> = texts.iter().map(|text| (text.clone(), 1)).collect();
        let all = || texts.iter().all(|text| self.texts().contains_key(text));
        until(&format!("{who} hears all"), async || all()).await;
        assert_eq!(self.texts(), wanted, "{who}");
        assert_eq!(self.heard.lock().unwrap().gaps, 0, "{who}");
    }
}

/// Says something to the network.
pub(crate) async fn say(node: &Node, topic: &str, text: &str) -> usize {
    let topic: Topic = topic.parse().unwrap();
    node.broadcast(&topic, text.into(), PATIENCE).await.unwrap().peers
}
