//! The key of a private network of libp2p: the file `swarm.key`, as go-libp2p and Kubo read it.
//!
//! ```text
//! /key/swarm/psk/1.0.0/
//! /base16/                  or /base64/ or /bin/
//! 6189c5cf…                 32 bytes
//! ```
//!
//! Each of the first two lines may end with a carriage return, and white space may follow the key.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use libp2p::pnet::PreSharedKey;
use zeroize::Zeroizing;

use super::value::Bad;

/// Most bytes read of the file; it has a hundred or so.
const MAX_FILE: u64 = 1024;

/// The first line.
const KIND: &[u8] = b"/key/swarm/psk/1.0.0/";

/// The bytes of a key.
const LENGTH: usize = 32;

/// A key that all hosts of one network have, and nobody else. `Debug` shows its fingerprint.
#[derive(Clone, PartialEq, Eq)]
pub struct SwarmKey {
    path: PathBuf,
    key: Zeroizing<[u8; LENGTH]>,
}

impl SwarmKey {
    /// The file that it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key; it is secret.
    pub fn bytes(&self) -> &[u8; LENGTH] {
        &self.key
    }

    /// As libp2p takes it.
    pub(crate) fn shared(&self) -> PreSharedKey {
        PreSharedKey::new(*self.key)
    }
}

impl fmt::Debug for SwarmKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fingerprint = self.shared().fingerprint();
        f.debug_struct("SwarmKey")
            .field("path", &self.path)
            .field("fingerprint", &format_args!("{fingerprint}"))
            .finish()
    }
}

/// Reads the file at `path`.
pub(super) fn read(path: PathBuf) -> Result<SwarmKey, Bad> {
    let shown = path.display().to_string();
    let text = load(&path).map_err(|error| Bad::new(&shown, format!("a file that can be read: {error}")))?;
    match parse(&text) {
        Some(key) => Ok(SwarmKey { path, key }),
        None => Err(Bad::new(
            shown,
            "a file with the key of a private network, which begins with /key/swarm/psk/1.0.0/",
        )),
    }
}

fn load(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    // Looked at before it is opened: opening a pipe would wait for a writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    // Reserved at once, since a buffer that grows leaves copies of the key behind.
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_FILE as usize));
    File::open(path)?.take(MAX_FILE).read_to_end(&mut text)?;
    Ok(text)
}

fn parse(text: &[u8]) -> Option<Zeroizing<[u8; LENGTH]>> {
    let (kind, rest) = line(text)?;
    let (encoding, rest) = line(rest)?;
    let mut key = Zeroizing::new([0; LENGTH]);
    let decoded = match (kind, encoding) {
        (KIND, b"/bin/") => {
            let (bytes, rest) = rest.split_at_checked(LENGTH)?;
            rest.trim_ascii().is_empty().then(|| Zeroizing::new(bytes.to_vec()))
        }
        (KIND, b"/base16/") => HEXLOWER_PERMISSIVE.decode(rest.trim_ascii()).ok().map(Zeroizing::new),
        (KIND, b"/base64/") => BASE64.decode(rest.trim_ascii()).ok().map(Zeroizing::new),
        _ => None,
    }?;
    if decoded.len() != LENGTH {
        return None;
    }
    key.copy_from_slice(&decoded);
    Some(key)
}

/// The first line without its end, and what follows.
fn line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|&byte| byte == b'\n')?;
    let (line, rest) = text.split_at(end);
    Some((line.trim_ascii_end(), &rest[1..]))
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    /// A key whose fingerprint Kubo printed.
    const KEY: &str = "6189c5cf0b87fb800c1a9feeda73c6ab5e998db48fb9e6a978575c770ceef683";
    const FINGERPRINT: &str = "45fc986bbc9388a11d939df26f730f0c";

    fn file(encoding: &str, key: &[u8]) -> Vec<u8> {
        [b"/key/swarm/psk/1.0.0/\n", encoding.as_bytes(), b"\n", key].concat()
    }

    fn bytes() -> Vec<u8> {
        HEXLOWER.decode(KEY.as_bytes()).unwrap()
    }

    fn read_text(text: &[u8]) -> Result<SwarmKey, Bad> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("swarm.key");
        fs::write(&path, text).unwrap();
        read(path)
    }

    #[test]
    fn a_known_key_is_read_in_each_encoding() {
        let base64 = BASE64.encode(&bytes());
        let upper = KEY.to_uppercase();
        for text in [
            file("/base16/", KEY.as_bytes()),
            file("/base16/", format!("{upper}\n").as_bytes()),
            file("/base64/", base64.as_bytes()),
            file("/base64/", format!("{base64}\r\n").as_bytes()),
            file("/bin/", &bytes()),
            file("/bin/", &[&bytes()[..], b"\n"].concat()),
            format!("/key/swarm/psk/1.0.0/\r\n/base16/\r\n{KEY}\r\n").into_bytes(),
        ] {
            let key = read_text(&text).unwrap();
            assert_eq!(key.bytes()[..], bytes(), "{}", text.escape_ascii());
            assert_eq!(key.shared().fingerprint().to_string(), FINGERPRINT);
        }
    }

    #[test]
    fn a_key_of_white_space_and_zeros_is_read_as_it_is() {
        let mut odd = [b'\n'; LENGTH];
        odd[..4].copy_from_slice(&[0, b' ', b'\r', 0xFF]);
        assert_eq!(read_text(&file("/bin/", &odd)).unwrap().bytes(), &odd);
    }

    #[test]
    fn whatever_else_a_file_holds_is_refused_without_showing_it() {
        let long = [KEY.as_bytes(), b"00"].concat();
        for text in [
            Vec::new(),
            b"/key/swarm/psk/1.0.0/".to_vec(),
            b"/key/swarm/psk/1.0.0/\n/base16/".to_vec(),
            file("/base16/", &KEY.as_bytes()[..62]),
            file("/base16/", &long),
            file("/base16/", b"secret"),
            file("/base32/", KEY.as_bytes()),
            file("/base64/", KEY.as_bytes()),
            file("/bin/", &bytes()[1..]),
            file("/bin/", &[&bytes()[..], b"more"].concat()),
            [b"/key/swarm/psk/2.0.0/\n/base16/\n", KEY.as_bytes()].concat(),
            vec![0xFF; 4096],
        ] {
            let Bad { value, expected } = read_text(&text).unwrap_err();
            assert!(value.ends_with("swarm.key") && expected.contains("begins with"), "{value} {expected}");
        }
    }

    #[test]
    fn what_is_no_file_is_said_so() {
        let dir = tempfile::tempdir().unwrap();
        let missing = read(dir.path().join("swarm.key")).unwrap_err().expected;
        assert!(missing.starts_with("a file that can be read: No such file"), "{missing}");
        let directory = read(dir.path().to_owned()).unwrap_err().expected;
        assert!(directory.ends_with("no regular file"), "{directory}");
    }

    #[test]
    fn the_key_is_not_shown() {
        let shown = format!("{:?}", read_text(&file("/base16/", KEY.as_bytes())).unwrap());
        assert!(
            shown.contains(FINGERPRINT) && !shown.contains("6189c5") && !shown.contains("97, 137"),
            "{shown}"
        );
    }
}
