//! Files go out one after the other, each from where its last attempt broke off.

use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
    path::PathBuf,
};

use airway_protocols::{data::Answer, files::Offer};

use super::{
    super::files::{self, FileError, Source},
    Outbox, SendError,
    board::Status,
    key,
    lane::Lane,
};
use crate::{
    contacts::Contact,
    store::{self, Parcel},
};

/// Delivers what waits for a contact until nothing does; says whether any of it came on.
///
/// # Errors
/// What is in the way of the first that could not be delivered.
pub(super) async fn deliver(outbox: &Outbox, to: &Contact, moved: &mut bool) -> Result<(), SendError> {
    let next = || outbox.store.outbox_next(*to.agent.as_bytes(), Lane::Files.into(), 0);
    while let Some(parcel) = next().await?.into_iter().next() {
        let key = key(&parcel.entry)?;
        let (offer, source) = unpack(&parcel)?;
        let mut fate = outbox.board.watch(key, Lane::Files);
        // Still there, and so whatever happens to it happens under our eyes.
        if next().await?.first().is_none_or(|again| again.entry.seq != parcel.entry.seq) {
            continue;
        }
        let mut offset = None;
        let sent = {
            let progress = |at| {
                *moved |= *offset.get_or_insert(at) < at;
                outbox.board.tell(&key, Status::Sending { sent: at });
            };
            tokio::select! {
                sent = files::send(&outbox.reach, to, &offer, &source, progress) => sent,
                // It was taken back, or has expired.
                _ = fate.wait_for(Status::is_final) => continue,
            }
        };
        let seq = parcel.entry.seq;
        let sent = sent.and_then(|answer| match answer {
            Answer::Stored | Answer::Duplicate => Ok(answer == Answer::Duplicate),
            answer => Err(FileError::Rejected { who: to.label(), answer }),
        });
        match sent {
            Ok(duplicate) => {
                outbox.delivered(&[(seq, key, duplicate)]).await?;
                *moved = true;
            }
            Err(error) if error.is_permanent() => outbox.give_up(seq, &key, error.into()).await?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What the store keeps of a file besides its name and size: eight bytes of its time, then its path.
pub(super) fn pack(source: &Source) -> Vec<u8> {
    [&source.modified_ns.to_be_bytes()[..], source.path.as_os_str().as_bytes()].concat()
}

/// Fails where a row holds what was never written: the file is damaged.
fn unpack(Parcel { entry, body }: &Parcel) -> Result<(Offer, Source), store::Error> {
    let (modified, path) = body.split_first_chunk().ok_or(store::Error::Corrupt)?;
    let source = Source {
        path: PathBuf::from(OsString::from_vec(path.to_vec())),
        size: entry.size,
        modified_ns: i64::from_be_bytes(*modified),
    };
    let name = entry.name.clone().ok_or(store::Error::Corrupt)?;
    let (_, id) = key(entry)?;
    Ok((Offer { id, name, size: entry.size, reply_to: None, sent_at: entry.queued_at_ms }, source))
}
