//! An agent moves to another home.

use zeroize::Zeroizing;

use super::{Agent, WAIT, failed, talk::Trip, until};
use crate::{
    DialError, Node,
    api::{Code, Error},
    bundle::{Bundle, Passphrase},
    home::Home,
};

/// Seals what travels, for the time that it does.
const PASSPHRASE: &str = "a passphrase of the demonstration";

/// Ends a node and starts its agent in another home, which has what an export carries. It is an error if it is
/// another agent there.
pub(super) async fn relocate(node: Node, to: &Agent) -> Result<Node, Error> {
    let before = (node.me().endpoint(), node.contacts().len());
    let home = node.home().clone();
    node.shut_down().await;
    drop(node);
    tokio::task::spawn_blocking(move || carry(&home))
        .await
        .map_err(|error| Error::new(Code::Internal, error.to_string()))??
        .install(&Home::at(to.home.path()))
        .await?;
    let node = to.start().await?;
    if (node.me().endpoint(), node.contacts().len()) != before {
        return Err(failed("the address or the contacts did not survive the journey"));
    }
    Ok(node)
}

/// Pings the agent that has moved: until it has told where it is, nobody answers.
pub(super) async fn find(from: &Node, who: &str) -> Result<Trip, Error> {
    until("word from where she is", async || match from.ping(&from.find(who)?, WAIT).await {
        Ok(pong) => Ok(Some(Trip(pong))),
        Err(DialError::Unreachable { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    })
    .await
}

/// What is in the exported file.
fn carry(home: &Home) -> Result<Bundle, Error> {
    let passphrase = Passphrase::new(Zeroizing::new(PASSPHRASE.into()));
    let sealed = Bundle::of(home)?.seal(&passphrase)?;
    Ok(Bundle::open(&sealed, &passphrase)?)
}
