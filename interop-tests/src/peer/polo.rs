//! Receipts in files.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
};

use airway::{
    Node,
    protocols::polo::{self, Export},
};
use serde_json::json;

use super::{Answer, WAIT};

/// Writes those with one contact, or with all.
pub(super) async fn export(node: &Node, path: &Path, who: Option<String>) -> Answer {
    let with = match who {
        Some(who) => Some(node.meet(&who, WAIT).await?),
        None => None,
    };
    let written = node.polo_export(with.as_ref().map(|with| &with.agent)).await?;
    fs::write(path, &written)?;
    Ok(json!({ "receipts": Export::read(written.as_slice())?.receipts.len() }))
}

/// What is wrong with the first file, seen beside the others.
pub(super) fn verify(paths: &[PathBuf]) -> Answer {
    let read = |path: &PathBuf| Export::read(BufReader::new(File::open(path)?));
    let exports = paths.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let (first, others) = exports.split_first().ok_or("no file")?;
    let findings: BTreeSet<_> =
        polo::verify(first, others).iter().map(|finding| finding.code().as_str()).collect();
    Ok(json!({ "findings": findings }))
}
