//! The messages of AutoNAT v2, as much of them as a client needs.
//!
//! They are Protocol Buffers. Fields that are not known are skipped, and the last of several counts.

use airway_protocols::wire;
use libp2p::Multiaddr;

/// Most bytes of a message that comes in: a few numbers.
pub(super) const MAX_ANSWER: usize = 1024;

/// Most bytes of one that goes out: of data, and its two heads.
pub(super) const MAX_REQUEST: usize = MAX_DATA + 16;

/// Most bytes of data in one message.
pub(super) const MAX_DATA: usize = 4096;

/// How much data a relay may ask for before it dials: what it would cost to have it dial somebody else.
pub(super) const DATA: std::ops::RangeInclusive<u64> = 30_000..=100_000;

/// The number for success, in both statuses of an answer.
const OK: u64 = 200;

/// Nobody could be dialled at the address; the number could not be said there.
const DIAL_ERRORS: [u64; 2] = [100, 101];

/// What a relay says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It has said the number at the address.
    Reached,
    /// It could not.
    NotReached,
    /// It wants so many bytes before it tries.
    Data(u64),
    /// It did not try.
    Refused,
}

/// Why a message is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Wire(#[from] wire::Error),
    #[error("the message is malformed")]
    Malformed,
    #[error("the relay asks for {0} bytes of data")]
    Data(u64),
    #[error("the stream ended")]
    Ended,
}

/// Asks to be dialled at an address, and told a number there.
pub(super) fn request(address: &Multiaddr, number: u64) -> Vec<u8> {
    let mut request = field(1, address.as_ref());
    // The second field, of 64 bits.
    request.push(2 << 3 | 1);
    request.extend(number.to_le_bytes());
    field(1, &request)
}

/// Data, as much as the relay has asked for, of at most [`MAX_DATA`] bytes each.
pub(super) fn data(len: usize) -> Vec<u8> {
    field(4, &field(1, &vec![0; len]))
}

/// Reads what a relay says.
pub(super) fn answer(message: &[u8]) -> Result<Answer, Error> {
    let (mut status, mut dial, mut bytes) = (0, 0, 0);
    let (mut is_answer, mut is_data) = (false, false);
    for field in Fields(message) {
        let (number, Value::Bytes(inner)) = field? else { continue };
        (is_answer, is_data) = (number == 2, number == 3);
        for field in Fields(inner) {
            match (number, field?) {
                (2, (1, Value::Number(number))) => status = number,
                (2, (3, Value::Number(number))) => dial = number,
                (3, (2, Value::Number(number))) => bytes = number,
                _ => {}
            }
        }
    }
    match (is_answer, is_data) {
        (true, _) if status == OK && dial == OK => Ok(Answer::Reached),
        (true, _) if status == OK && DIAL_ERRORS.contains(&dial) => Ok(Answer::NotReached),
        (true, _) => Ok(Answer::Refused),
        (_, true) => Ok(Answer::Data(bytes)),
        _ => Err(Error::Malformed),
    }
}

/// Reads the number that is said over a dial.
pub(super) fn number(message: &[u8]) -> Result<u64, Error> {
    let mut said = Err(Error::Malformed);
    for field in Fields(message) {
        if let (1, Value::Fixed(number)) = field? {
            said = Ok(number);
        }
    }
    said
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut all = vec![number << 3 | 2];
    let mut len = bytes.len();
    while len >= 0x80 {
        all.push((len & 0x7f) as u8 | 0x80);
        len >>= 7;
    }
    all.push(len as u8);
    all.extend(bytes);
    all
}

/// The fields of a message, with their numbers.
struct Fields<'a>(&'a [u8]);

enum Value<'a> {
    Number(u64),
    Fixed(u64),
    Bytes(&'a [u8]),
    Other,
}

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Result<u64, Error> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(Error::Malformed)?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Error::Malformed)
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], Error> {
        let len = usize::try_from(len).map_err(|_| Error::Malformed)?;
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Error::Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn field(&mut self) -> Result<(u64, Value<'a>), Error> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => {
                let bytes = self.take(8)?.try_into().map_err(|_| Error::Malformed)?;
                Value::Fixed(u64::from_le_bytes(bytes))
            }
            2 => {
                let len = self.varint()?;
                Value::Bytes(self.take(len)?)
            }
            5 => {
                self.take(4)?;
                Value::Other
            }
            _ => return Err(Error::Malformed),
        };
        Ok((tag >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng as _;

    use super::*;

    #[test]
    fn a_request_is_what_the_specification_says() {
        let address: Multiaddr = "/ip4/192.0.2.1/tcp/1".parse().unwrap();
        let expected = [&[0x0a, 19, 0x0a, 8, 4, 192, 0, 2, 1, 6, 0, 1][..], &[0x11, 8, 7, 6, 5, 4, 3, 2, 1]];
        assert_eq!(request(&address, 0x0102_0304_0506_0708), expected.concat());
        assert_eq!(data(2), [0x22, 4, 0x0a, 2, 0, 0]);
        assert!(data(MAX_DATA).len() <= MAX_REQUEST);
    }

    #[test]
    fn an_answer_is_what_the_specification_says() {
        for (message, expected) in [
            (&[0x12, 6, 8, 0xc8, 1, 0x18, 0xc8, 1][..], Answer::Reached),
            (&[0x12, 7, 8, 0xc8, 1, 0x10, 0, 0x18, 100], Answer::NotReached),
            (&[0x12, 5, 8, 0xc8, 1, 0x18, 101], Answer::NotReached),
            (&[0x12, 3, 8, 0xc8, 1], Answer::Refused),
            (&[0x12, 2, 8, 101], Answer::Refused),
            (&[0x12, 0], Answer::Refused),
            (&[0x1a, 4, 0x10, 0xb0, 0xea, 1], Answer::Data(30_000)),
        ] {
            assert_eq!(answer(message).unwrap(), expected, "{message:x?}");
        }
        for bad in [&[][..], &[0x0a, 0], &[0x12], &[0x12, 9, 8], &[0x80; 11], &[0x13]] {
            assert!(answer(bad).is_err(), "{bad:x?}");
        }
    }

    #[test]
    fn a_number_is_said_in_eight_bytes() {
        assert_eq!(number(&[9, 1, 0, 0, 0, 0, 0, 0, 0]).unwrap(), 1);
        for bad in [&[][..], &[9, 1], &[8, 1], &[9, 1, 0, 0, 0, 0, 0, 0, 0, 0x0a]] {
            assert!(number(bad).is_err(), "{bad:x?}");
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused() {
        let mut rng = rand::rng();
        for _ in 0..100_000 {
            let bytes: Vec<u8> = (0..rng.random_range(0..24)).map(|_| rng.random::<u8>() & 0x9f).collect();
            let _ = (answer(&bytes), number(&bytes));
        }
    }
}
