use data_encoding::BASE64;

use super::*;

/// Rounds of scrypt that take no time.
const QUICK: u8 = 4;

const PASSPHRASE: &str = "correct horse";

fn open_quick(sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    open(sealed, PASSPHRASE)
}

#[test]
fn only_the_passphrase_opens_it() {
    let sealed = seal_with(b"secret", PASSPHRASE, QUICK).unwrap();
    assert_eq!(open_quick(&sealed).unwrap().as_slice(), b"secret");
    let wrong = open(&sealed, "wrong horse").unwrap_err();
    assert!(matches!(wrong, Error::Passphrase), "{wrong}");
}

#[test]
fn every_byte_counts() {
    let sealed = seal_with(b"secret", PASSPHRASE, QUICK).unwrap();
    for at in 0..sealed.len() {
        let mut spoiled = sealed.clone();
        spoiled[at] ^= 1;
        // The one letter in which the last character of the armor may differ says nothing.
        if let Ok(opened) = open_quick(&spoiled) {
            assert_eq!(opened.as_slice(), b"secret", "byte {at}");
        }
        assert!(open_quick(&sealed[..at]).is_err() || at + 1 == sealed.len(), "cut at {at}");
    }
}

#[test]
fn a_file_that_asks_for_too_much_work_is_refused_at_once() {
    let sealed = seal_with(b"secret", PASSPHRASE, 10).unwrap();
    let armor = String::from_utf8(sealed).unwrap();
    let base64: String = armor.lines().filter(|line| !line.starts_with('-')).collect();
    let mut plain = BASE64.decode(base64.as_bytes()).unwrap();
    let at = plain.windows(4).position(|bytes| bytes == b" 10\n").unwrap();
    plain[at + 1..at + 3].copy_from_slice(b"40");
    let error = open_quick(&plain).unwrap_err();
    assert!(matches!(error, Error::Work { required: 40, .. }), "{error}");
}
