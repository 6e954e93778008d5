//! From the inbox into a directory.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use airway::{
    Node, ReceivedFile,
    store::{Clear, Filter},
};
use tempfile::NamedTempFile;

use crate::{Result, link};

/// Puts what has come in, and what comes, into a directory.
pub(crate) async fn all(node: &Node, dir: &Path) -> Result<()> {
    fs::create_dir_all(dir)?;
    let mut newest = node.newest();
    let mut after = 0;
    loop {
        newest.mark_unchanged();
        let page = node.inbox(Filter { after, ..Filter::default() }).await?;
        if page.is_empty() {
            newest.changed().await?;
        }
        for message in page {
            after = message.seq;
            // Texts and the like stay in the inbox.
            if let Some(file) = message.file {
                let dir = dir.to_owned();
                let path = tokio::task::spawn_blocking(move || save(&file, &dir)).await??;
                println!("received {}", path.display());
                // Last: it deletes the inbox's copy. Whoever crashes before has the file twice, and never not at all.
                node.clear(Clear::Messages(vec![message.seq])).await?;
            }
        }
    }
}

/// Copies a file from the inbox; returns where to. Nobody sees it there before it is whole and on the disk.
fn save(file: &ReceivedFile, dir: &Path) -> io::Result<PathBuf> {
    let mut copy = NamedTempFile::with_prefix_in(".filedrop-", dir)?;
    io::copy(&mut File::open(&file.path)?, &mut copy)?;
    copy.as_file().sync_all()?;
    // Airway has seen to it that the name is that of a file in `dir`, and nothing else.
    let path = link(copy.path(), dir, &file.name)?;
    File::open(dir)?.sync_all()?;
    Ok(path)
}
