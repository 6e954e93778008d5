//! Frames: an unsigned-varint length, then that many bytes, as libp2p protocols do.

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use unsigned_varint::{decode, encode};

use super::Error;

/// Bytes reserved before any of a body has arrived. Beyond it the buffer grows with what the peer has really sent, so
/// that a claimed length alone costs it more than it costs us.
const FIRST_ALLOCATION: usize = 16 * 1024;

/// Longest prefix: five varint bytes say up to 2³⁵, and every cap is far below.
const MAX_PREFIX: usize = 5;

/// Reads one frame, or `None` if the stream ended before its first byte.
///
/// # Errors
///
/// [`Error::TooLarge`] on the prefix alone if the frame is over `max` bytes, [`Error::Prefix`] for a length in a longer
/// form than needed, [`Error::Truncated`] if the stream ends inside the frame, [`Error::Io`] if it fails.
pub async fn read_frame<S>(stream: &mut S, max: usize) -> Result<Option<Vec<u8>>, Error>
where
    S: AsyncRead + Unpin,
{
    let Some(size) = read_prefix(stream).await? else {
        return Ok(None);
    };
    let Some(length) = usize::try_from(size).ok().filter(|length| *length <= max) else {
        return Err(Error::TooLarge { size, max });
    };
    read_body(stream, length).await.map(Some)
}

/// Writes one frame, prefix and body in a single write. Does not flush: the caller may have more to send.
///
/// # Errors
///
/// [`Error::TooLarge`] before anything is written if `body` is over `max` bytes, [`Error::Io`] if the stream fails.
pub async fn write_frame<S>(stream: &mut S, body: &[u8], max: usize) -> Result<(), Error>
where
    S: AsyncWrite + Unpin,
{
    Ok(stream.write_all(&frame(body, max)?).await?)
}

/// A frame as bytes, for who wants to write more along with it.
///
/// # Errors
///
/// [`Error::TooLarge`] if `body` is over `max` bytes.
pub fn frame(body: &[u8], max: usize) -> Result<Vec<u8>, Error> {
    if body.len() > max {
        return Err(Error::TooLarge { size: body.len() as u64, max });
    }
    let mut buffer = encode::usize_buffer();
    Ok([encode::usize(body.len(), &mut buffer), body].concat())
}

/// Reads the length of the next frame, one byte at a time so as to take nothing that follows.
async fn read_prefix<S>(stream: &mut S) -> Result<Option<u64>, Error>
where
    S: AsyncRead + Unpin,
{
    let mut prefix = [0; MAX_PREFIX];
    for read in 0..MAX_PREFIX {
        if stream.read(&mut prefix[read..=read]).await? == 0 {
            return if read == 0 { Ok(None) } else { Err(Error::Truncated) };
        }
        if decode::is_last(prefix[read]) {
            return match decode::u64(&prefix[..=read]) {
                Ok((size, _)) => Ok(Some(size)),
                Err(_) => Err(Error::Prefix),
            };
        }
    }
    Err(Error::Prefix)
}

/// Reads exactly `length` bytes into a buffer that grows as they arrive. The caller has checked `length`.
pub(crate) async fn read_body<S>(stream: &mut S, length: usize) -> Result<Vec<u8>, Error>
where
    S: AsyncRead + Unpin,
{
    let mut body = Vec::with_capacity(length.min(FIRST_ALLOCATION));
    stream.take(length as u64).read_to_end(&mut body).await?;
    if body.len() == length { Ok(body) } else { Err(Error::Truncated) }
}

#[cfg(test)]
mod tests {
    use futures::{executor::block_on, io::Cursor};
    use proptest::prelude::*;

    use super::*;

    const MAX: usize = 100_000;

    fn read(bytes: &[u8], max: usize) -> Result<Option<Vec<u8>>, Error> {
        block_on(read_frame(&mut Cursor::new(bytes), max))
    }

    proptest! {
        #[test]
        fn a_frame_reads_back_and_takes_nothing_more(
            body in prop::collection::vec(any::<u8>(), 0..40_000), next in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            let mut bytes = Vec::new();
            block_on(write_frame(&mut bytes, &body, MAX)).unwrap();
            bytes.extend_from_slice(&next);

            let mut stream = Cursor::new(bytes);
            prop_assert_eq!(block_on(read_frame(&mut stream, MAX)).unwrap(), Some(body));
            let mut rest = Vec::new();
            block_on(stream.read_to_end(&mut rest)).unwrap();
            prop_assert_eq!(rest, next);
        }

        #[test]
        fn any_bytes_read_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(Some(body)) = read(&bytes, MAX) {
                prop_assert!(bytes.starts_with(&frame(&body, MAX).unwrap()));
            }
        }

        #[test]
        fn a_frame_cut_short_is_truncated(body in prop::collection::vec(any::<u8>(), 1..300), cut: prop::sample::Index) {
            let bytes = frame(&body, MAX).unwrap();
            let cut = 1 + cut.index(bytes.len() - 1);
            prop_assert!(matches!(read(&bytes[..cut], MAX), Err(Error::Truncated)));
        }
    }

    #[test]
    fn the_end_before_a_frame_is_no_error() {
        assert!(matches!(read(&[], MAX), Ok(None)));
    }

    #[test]
    fn a_frame_over_the_limit_is_refused_on_its_prefix() {
        assert!(matches!(read(&[3], 2), Err(Error::TooLarge { size: 3, max: 2 })));
        assert!(matches!(read(&[2, 1, 1], 2), Ok(Some(_))));
        assert!(matches!(frame(&[0; 3], 2), Err(Error::TooLarge { size: 3, max: 2 })));
    }

    #[test]
    fn lengths_have_one_form() {
        assert!(matches!(read(&[0x80, 0x00], MAX), Err(Error::Prefix)));
        assert!(matches!(read(&[0x81, 0x80, 0x00, 0], MAX), Err(Error::Prefix)));
        assert!(matches!(read(&[0xFF; 16], MAX), Err(Error::Prefix)));
    }

    #[test]
    fn a_claimed_length_that_never_arrives_is_truncated() {
        let claimed = 1 << 30;
        let bytes = [encode::usize(claimed, &mut encode::usize_buffer()), &[1, 2, 3]].concat();
        assert!(matches!(read(&bytes, usize::MAX), Err(Error::Truncated)));
    }
}
