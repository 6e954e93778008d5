//! A file goes from one agent to the other.

use std::fs;

use rand::RngCore as _;
use tempfile::TempDir;

use super::{arrivals, failed};
use crate::{
    Node,
    api::{Code, Error},
    protocols::files::Digest,
};

/// What it is called at both ends.
pub(super) const NAME: &str = "weights.bin";

/// Bytes of it: more than all buffers on its way hold.
const SIZE: usize = 8 * 1024 * 1024;

/// What arrived: its size and its digest.
pub(super) type Arrived = (u64, Digest);

/// Sends bytes that nobody has seen before. It is an error if others arrive.
pub(super) async fn send(from: &Node, to: &Node) -> Result<Arrived, Error> {
    let seen = *to.newest().borrow();
    let (dir, sent) = tokio::task::spawn_blocking(make)
        .await
        .map_err(|error| Error::new(Code::Internal, error.to_string()))??;
    from.send_file(&from.find("bob")?, dir.path().join(NAME), None, None).await?;
    let arrived = arrivals(to, seen, 1).await?;
    match arrived.first().and_then(|message| message.file.as_ref()) {
        Some(file) if file.name == NAME && file.digest == sent => Ok((file.size, file.digest)),
        other => Err(failed(format!("{NAME} with digest {sent} was sent, and this arrived: {other:?}"))),
    }
}

/// A directory with the file, and the digest of it.
fn make() -> Result<(TempDir, Digest), Error> {
    let unwritten = |error: std::io::Error| Error::new(Code::Home, format!("no file to send: {error}"));
    let dir = tempfile::Builder::new().prefix("airway-demo-file-").tempdir().map_err(unwritten)?;
    let mut bytes = vec![0; SIZE];
    rand::rng().fill_bytes(&mut bytes);
    fs::write(dir.path().join(NAME), &bytes).map_err(unwritten)?;
    Ok((dir, Digest::of(&bytes)))
}
