//! The envelope: age with a passphrase, in ASCII armor.

use std::io::{self, Read as _, Write as _};

use age::{
    DecryptError, Decryptor, Encryptor,
    armor::{ArmoredReader, ArmoredWriter, Format},
    scrypt,
    secrecy::SecretString,
};
use zeroize::Zeroizing;

use super::{Error, MAX_FILE, Passphrase};

/// Rounds of scrypt as a power of two: a second and 256 MiB, what age itself takes.
const WORK: u8 = 18;

/// The most that is accepted of a file, lest it keep us busy for hours: four seconds and 1 GiB.
const MAX_WORK: u8 = 20;

pub(super) fn seal(plain: &[u8], passphrase: &Passphrase) -> Result<Vec<u8>, Error> {
    seal_with(plain, passphrase, WORK)
}

pub(super) fn seal_with(plain: &[u8], passphrase: &Passphrase, work: u8) -> Result<Vec<u8>, Error> {
    let mut recipient = scrypt::Recipient::new(secret(passphrase));
    recipient.set_work_factor(work);
    let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
        .map_err(Error::damaged)?;
    // Nothing is written but memory: this does not fail.
    let sealed = || -> io::Result<Vec<u8>> {
        let armored = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
        let mut writer = encryptor.wrap_output(armored)?;
        writer.write_all(plain)?;
        writer.finish()?.finish()
    };
    sealed().map_err(Error::damaged)
}

pub(super) fn open(sealed: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, Error> {
    let decryptor = Decryptor::new(ArmoredReader::new(sealed)).map_err(explain)?;
    if !decryptor.is_scrypt() {
        return Err(Error::NotABundle);
    }
    let mut identity = scrypt::Identity::new(secret(passphrase));
    identity.set_max_work_factor(MAX_WORK);
    let reader = decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(explain)?;
    // Reserved at once, since a buffer that grows leaves copies of the key behind. The text is shorter than its
    // armor.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader.take(MAX_FILE).read_to_end(&mut plain).map_err(Error::damaged)?;
    Ok(plain)
}

fn secret(passphrase: &Passphrase) -> SecretString {
    SecretString::from(passphrase.0.as_str())
}

fn explain(error: DecryptError) -> Error {
    match error {
        DecryptError::InvalidHeader | DecryptError::UnknownFormat => Error::NotABundle,
        DecryptError::ExcessiveWork { required, .. } => Error::Work { required, most: MAX_WORK },
        DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => Error::Passphrase,
        DecryptError::InvalidMac => Error::damaged("its head was changed"),
        DecryptError::Io(error) => Error::damaged(error),
        other => Error::damaged(other),
    }
}
