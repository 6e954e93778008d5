//! Files, from both ends; and what they may be called.

use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    path::{Component, Path},
};

use airway_protocols::{
    files::{self, Answer, Digest, Error, FileName, Have, Invalid, MAX_SIZE, MessageId, Offer, Reply},
    hidden::is_hidden,
    wire,
};
use futures::{AsyncReadExt as _, executor::block_on};

use super::{talk::Talk, text::parse, wire::message};

/// The id of the golden vectors.
const ID: &str = "018f4d2e-7c3a-7b1e-8d55-0123456789ab";

/// What the receiver has of every file already.
const FIRST: &[u8] = b"the first bytes";

/// The answer that ended an attempt, and the file. Nothing if no attempt began.
type Received = Option<(Answer, Vec<u8>)>;

/// Reads an offer, without its frame.
pub fn offer(bytes: &[u8]) {
    if let Some(offer) = message::<Offer>(bytes) {
        check_offer(&offer);
    }
}

/// What holds for every offer that was read; returns whether it keeps to the rules.
fn check_offer(offer: &Offer) -> bool {
    assert_eq!(MessageId::from_bytes(*offer.id.as_bytes()), Ok(offer.id), "an id of another version");
    match offer.validate() {
        Ok(name) => {
            assert!(offer.size <= MAX_SIZE && name.as_str() == offer.name);
            check_name(&name);
            return true;
        }
        Err(Invalid::Size { size }) => assert!(size == offer.size && size > MAX_SIZE),
        Err(Invalid::Name(why)) => assert_eq!(offer.name.parse::<FileName>(), Err(why)),
        Err(other) => panic!("an offer has no other rules: {other}"),
    }
    false
}

/// Offers a file and takes the input for the reply; then takes it for the answer at the end.
pub fn reply(bytes: &[u8]) {
    let offer =
        Offer { id: ID.parse().unwrap(), name: "a.txt".into(), size: 1000, reply_to: None, sent_at: 0 };
    let mut stream = Talk::new(bytes);
    let replied = block_on(files::offer(&mut stream, &offer));
    let sent = wire::frame(&wire::encode(&offer).unwrap(), wire::CONTROL_FRAME).unwrap();
    assert_eq!(stream.said, sent, "what is sent depends on the reply");
    let answered = block_on(files::receive_answer(&mut Talk::new(bytes), &offer.id));
    match replied {
        Ok(reply) => {
            match (reply, answered) {
                (Reply::Answer(one), Ok(other)) => assert_eq!(one, other),
                (Reply::Have(_), Err(Error::Reply)) => {}
                (reply, answered) => panic!("{reply:?} at first, {answered:?} at the end"),
            }
            let mut again = Vec::new();
            block_on(files::reply(&mut again, &offer.id, reply)).unwrap();
            assert!(again.len() <= bytes.len() - stream.heard.len(), "longer when written again");
            assert_eq!(block_on(files::offer(&mut Talk::new(&again), &offer)).unwrap(), reply);
        }
        Err(error) => {
            assert_eq!(answered.unwrap_err().to_string(), error.to_string());
            match error {
                Error::Ended => assert!(bytes.is_empty()),
                Error::WrongReply { sent, answered } => assert!(sent == offer.id && answered != sent),
                Error::Reply | Error::Wire(_) => {}
                other => panic!("a reply cannot fail so: {other}"),
            }
        }
    }
}

/// Reads where the bytes begin, of a file of which there are some already.
pub fn start(bytes: &[u8]) {
    let have = have(u64::MAX);
    let mut stream = Talk::new(bytes);
    match block_on(files::receive_start(&mut stream, &have)) {
        Ok(offset) => {
            assert!(offset == 0 || offset == have.offset, "a gap before the bytes");
            let mut again = Vec::new();
            block_on(files::start(&mut again, offset)).unwrap();
            assert!(again.len() <= bytes.len() - stream.heard.len(), "longer when written again");
            assert_eq!(block_on(files::receive_start(&mut Talk::new(&again), &have)).unwrap(), offset);
        }
        Err(Error::Offset { offset, offered }) => {
            assert!(offered == have.offset && offset != 0 && offset != offered);
        }
        Err(Error::Ended) => assert!(bytes.is_empty()),
        Err(Error::Wire(_)) => {}
        Err(other) => panic!("a start cannot fail so: {other}"),
    }
}

/// Reads the digest behind the bytes.
pub fn end(bytes: &[u8]) {
    let mut stream = Talk::new(bytes);
    match block_on(files::receive_end(&mut stream)) {
        Ok(digest) => {
            assert_eq!(Digest::from_bytes(*digest.as_bytes()), digest);
            let mut sender = Talk::new(&[]);
            let unanswered = block_on(files::finish(&mut sender, &ID.parse().unwrap(), digest));
            assert!(matches!(unanswered, Err(Error::Ended)));
            assert!(sender.said.len() <= bytes.len() - stream.heard.len(), "longer when written again");
            assert_eq!(block_on(files::receive_end(&mut Talk::new(&sender.said))).unwrap(), digest);
        }
        Err(Error::Ended) => assert!(bytes.is_empty()),
        Err(Error::Wire(_)) => {}
        Err(other) => panic!("an end cannot fail so: {other}"),
    }
}

/// Receives a file, of which there are some bytes already, and has a sender read what was said.
pub fn exchange(bytes: &[u8]) {
    let whole = received(Talk::new(bytes));
    assert_eq!(whole, received(Talk::trickle(bytes)), "the cut of the input shows");
}

/// What came of the attempt, and what was said.
fn received(mut stream: Talk<'_>) -> (Result<Received, String>, Vec<u8>) {
    let heard = stream.heard;
    let received = attempt(&mut stream);
    assert!(stream.said.len() <= 2 * wire::CONTROL_FRAME, "more than a reply and an answer");
    match &received {
        Ok(None) => assert!(heard.is_empty() && stream.said.is_empty()),
        Ok(Some((answer, file))) => {
            let offer = block_on(files::receive_offer(&mut Talk::new(heard))).unwrap().unwrap();
            let mut sender = Talk::new(&stream.said);
            if *answer == Answer::Invalid {
                let reply = block_on(files::offer(&mut sender, &offer)).unwrap();
                assert_eq!(reply, Reply::Answer(Answer::Invalid));
            } else {
                assert_eq!(file.len() as u64, offer.size, "a file that is not whole");
                let reply = block_on(files::offer(&mut sender, &offer)).unwrap();
                assert_eq!(reply, Reply::Have(have(offer.size)));
                let last = block_on(files::finish(&mut sender, &offer.id, Digest::of(file))).unwrap();
                assert_eq!(last, *answer);
            }
            assert!(sender.heard.is_empty(), "more was said than a sender reads");
        }
        Err(Error::Reply | Error::WrongReply { .. }) => panic!("a receiver reads no reply"),
        Err(_) => {}
    }
    (received.map_err(|error| error.to_string()), stream.said)
}

/// A whole attempt, as a receiver goes through it.
fn attempt(stream: &mut Talk<'_>) -> Result<Received, Error> {
    let Some(offer) = block_on(files::receive_offer(stream))? else { return Ok(None) };
    if !check_offer(&offer) {
        block_on(files::reply(stream, &offer.id, Reply::Answer(Answer::Invalid)))?;
        return Ok(Some((Answer::Invalid, Vec::new())));
    }
    let have = have(offer.size);
    block_on(files::reply(stream, &offer.id, Reply::Have(have)))?;
    let offset = block_on(files::receive_start(stream, &have))?;
    let mut file = FIRST[..usize::try_from(offset).unwrap()].to_vec();
    block_on((&mut *stream).take(offer.size - offset).read_to_end(&mut file))?;
    let digest = block_on(files::receive_end(stream))?;
    let answer = if digest == Digest::of(&file) { Answer::Stored } else { Answer::Failed };
    block_on(files::reply(stream, &offer.id, Reply::Answer(answer)))?;
    Ok(Some((answer, file)))
}

/// What the receiver has of a file of this size.
fn have(size: u64) -> Have {
    let first = &FIRST[..usize::try_from(size).map_or(FIRST.len(), |size| size.min(FIRST.len()))];
    Have { offset: first.len() as u64, digest: Digest::of(first) }
}

/// `report.pdf`.
pub fn name(bytes: &[u8]) {
    let Some((name, text)) = parse::<FileName>(bytes) else { return };
    assert_eq!(name.as_str(), text);
    check_name(&name);
    let json = serde_json::to_string(&name).unwrap();
    assert_eq!(serde_json::from_str::<FileName>(&json).unwrap(), name);
}

/// Names the file at a path of any bytes.
pub fn path(bytes: &[u8]) {
    let path = Path::new(OsStr::from_bytes(bytes));
    let name = FileName::of_path(path);
    assert_eq!(name.as_str().parse().as_ref(), Ok(&name), "a name that may not be sent");
    check_name(&name);
    let own = path.file_name().and_then(OsStr::to_str);
    if let Some(Ok(own)) = own.map(str::parse::<FileName>) {
        assert_eq!(name, own, "changed without need");
    }
}

/// What holds for every name of a file.
fn check_name(name: &FileName) {
    let text = name.as_str();
    assert!((1..=FileName::MAX_BYTES).contains(&text.len()));
    let components: Vec<_> = Path::new(text).components().collect();
    assert_eq!(components, [Component::Normal(OsStr::new(text))]);
    assert!(!text.starts_with('.') && !text.contains(['/', '\\']) && !text.contains(is_hidden));
    assert_eq!(FileName::lossy(text), *name);
}
