//! Secrets to carry: [age](https://age-encryption.org/v1) with a passphrase, in ASCII armor, so that `age --decrypt` opens
//! it as well.

use std::io::{self, Read as _, Write as _};

use age::{
    DecryptError, Decryptor, Encryptor,
    armor::{ArmoredReader, ArmoredWriter, Format},
    scrypt,
    secrecy::SecretString,
};
use serde::Serialize;
use zeroize::Zeroizing;

/// Most bytes of what is sealed: an identity with tens of thousands of contacts.
pub(crate) const MAX_FILE: u64 = 32 * 1024 * 1024;

/// Rounds of scrypt as a power of two: a second and 256 MiB, what age itself takes.
const WORK: u8 = 18;

/// The most that is accepted of a file, lest it keep us busy for hours: four seconds and 1 GiB.
const MAX_WORK: u8 = 20;

/// Why a sealed file was not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It is no age file, or one for a key in place of a passphrase.
    #[error("this is nothing that a passphrase seals")]
    NotSealed,
    /// The passphrase does not open it.
    #[error("the passphrase does not open this file")]
    Passphrase,
    /// A piece is missing or was changed.
    #[error("the file is damaged: {what}")]
    Damaged {
        /// What is wrong with it.
        what: String,
    },
    /// Opening it would take more time and memory than what we seal ever asks for.
    #[error("the file asks for 2^{required} rounds of scrypt, 2^{most} are accepted")]
    Work {
        /// As the file says.
        required: u8,
        /// The most that is accepted.
        most: u8,
    },
}

impl Error {
    fn damaged(what: impl ToString) -> Self {
        Self::Damaged { what: what.to_string() }
    }
}

/// Seals a text. Takes a second and 256 MiB.
pub(crate) fn seal(plain: &[u8], passphrase: &str) -> Result<Vec<u8>, Error> {
    seal_with(plain, passphrase, WORK)
}

fn seal_with(plain: &[u8], passphrase: &str, work: u8) -> Result<Vec<u8>, Error> {
    let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase));
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

/// The reverse of [`seal`]; takes up to four seconds and 1 GiB.
pub(crate) fn open(sealed: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let decryptor = Decryptor::new(ArmoredReader::new(sealed)).map_err(explain)?;
    if !decryptor.is_scrypt() {
        return Err(Error::NotSealed);
    }
    let mut identity = scrypt::Identity::new(SecretString::from(passphrase));
    identity.set_max_work_factor(MAX_WORK);
    let reader = decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(explain)?;
    // Reserved at once, since a buffer that grows leaves copies of the key behind. The text is shorter than its
    // armor.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader.take(MAX_FILE).read_to_end(&mut plain).map_err(Error::damaged)?;
    Ok(plain)
}

/// JSON with a secret in it.
pub(crate) fn json(form: &impl Serialize) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    // Measured first: a buffer that grows leaves copies of the secret behind.
    let mut length = Length(0);
    serde_json::to_writer(&mut length, form)?;
    let mut text = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *text, form)?;
    Ok(text)
}

/// Counts what is written.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn explain(error: DecryptError) -> Error {
    match error {
        DecryptError::InvalidHeader | DecryptError::UnknownFormat => Error::NotSealed,
        DecryptError::ExcessiveWork { required, .. } => Error::Work { required, most: MAX_WORK },
        DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => Error::Passphrase,
        DecryptError::InvalidMac => Error::damaged("its head was changed"),
        DecryptError::Io(error) => Error::damaged(error),
        other => Error::damaged(other),
    }
}

#[cfg(test)]
mod tests;
