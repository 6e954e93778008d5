//! What agents of the laboratory leave behind: nothing.

use airway::Overrides;

use crate::{internet, lab};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_home_of_an_agent_goes_away_with_it() {
    let lab = lab();
    let host = lab.host(internet(2)).unwrap();
    let agent = host.agent("alice", Overrides::default()).await.unwrap();
    let home = agent.home().root().to_owned();
    assert!(home.exists());
    drop(agent);
    assert!(!home.exists());
}
