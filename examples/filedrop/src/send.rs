//! From a directory to a contact.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use airway::{
    Contact, Node, Status,
    protocols::{data::MessageId, files::Digest},
    store::{GetError, Pick},
};

use crate::{Result, link};

/// How often the directory is looked at. A file that looks the same twice is ready to be sent.
const PERIOD: Duration = Duration::from_secs(1);

/// What shows that somebody still writes to a file: bytes, and when it was last written to.
type Look = (u64, SystemTime);

/// Sends what is in a directory, and what is put into it.
pub(crate) async fn all(node: &Node, to: &Contact, dir: &Path) -> Result<()> {
    let sent = dir.join("sent");
    fs::create_dir_all(&sent)?;
    let dir = dir.canonicalize()?;
    let (mut before, mut given_up) = (HashMap::new(), HashSet::new());
    loop {
        let now = look(&dir)?;
        for (path, look) in now.iter().filter(|(path, look)| before.get(*path) == Some(*look)) {
            let id = id(path, *look)?;
            if given_up.contains(&id) {
                continue;
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            match send(node, to, path, id).await {
                Ok(()) => {
                    link(path, &sent, &name)?;
                    fs::remove_file(path)?;
                    println!("sent {name}");
                }
                Err(error) => {
                    println!("{name} is given up until it changes: {error}");
                    given_up.insert(id);
                }
            }
        }
        before = now;
        tokio::time::sleep(PERIOD).await;
    }
}

/// The files in a directory, but for hidden ones: many programs write to such first.
fn look(dir: &Path) -> io::Result<HashMap<PathBuf, Look>> {
    let mut files = HashMap::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        // What is gone by now is not there.
        let Ok(about) = entry.metadata() else { continue };
        if about.is_file() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
            files.insert(entry.path(), (about.len(), about.modified()?));
        }
    }
    Ok(files)
}

/// The id of a file is the same in each run. So the outbox takes it once; and if we end after the contact has it and
/// before we know, the contact says that it has it already.
fn id(path: &Path, (size, modified): Look) -> Result<MessageId> {
    let modified = modified.duration_since(SystemTime::UNIX_EPOCH)?.as_nanos();
    let file = [path.as_os_str().as_encoded_bytes(), &size.to_be_bytes(), &modified.to_be_bytes()].concat();
    // A UUID of version 7: 48 bits of time in milliseconds, the rest may be anything.
    let mut id = [0; 16];
    id[..6].copy_from_slice(&(modified / 1_000_000).to_be_bytes()[10..]);
    id[6..].copy_from_slice(&Digest::of(&file).as_bytes()[..10]);
    id[6] = 0x70 | id[6] & 0x0f;
    id[8] = 0x80 | id[8] & 0x3f;
    Ok(MessageId::from_bytes(id)?)
}

/// Puts a file into the outbox, unless it waits there, and returns when the contact has it.
async fn send(node: &Node, to: &Contact, path: &Path, id: MessageId) -> Result<()> {
    let queued = node.send_file(to, path, Some(id), None).await?;
    let (queued, mut status) = match node.watch(Pick::Seq(queued.seq)).await {
        // What was not delivered stays in the outbox.
        Err(GetError::NotFound { .. }) => return Ok(()),
        found => found?,
    };
    if let Some(why) = queued.failed {
        return Err(why.into());
    }
    loop {
        match status.borrow_and_update().clone() {
            Status::Delivered { .. } => return Ok(()),
            Status::Failed(error) => return Err(error.into()),
            Status::Waiting(Some(obstacle)) => println!("{} waits: {obstacle}", path.display()),
            Status::Waiting(None) | Status::Sending { .. } => {}
        }
        status.changed().await?;
    }
}
