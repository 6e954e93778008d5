//! What goes wrong about the key of a network's authority.

use crate::{
    api::{Code, Error},
    authority,
};

impl From<authority::Error> for Error {
    fn from(error: authority::Error) -> Self {
        use authority::Error as Authority;
        let message = error.to_string();
        let (code, hint) = match error {
            Authority::NotAnAuthority | Authority::Work { .. } => {
                (Code::BadRequest, "use a file that airway network export has written".to_owned())
            }
            Authority::Passphrase => (Code::BadRequest, "give the one that it was exported with".into()),
            Authority::Damaged { .. } | Authority::Genesis(_) => {
                (Code::BadRequest, "copy the file once more, or export it again".into())
            }
            Authority::Newer { .. } => {
                (Code::BadRequest, "upgrade airway, which is older here than where it was written".into())
            }
            Authority::File { path } => (
                Code::Home,
                format!("restore {} from a backup, or move it away to go on without it", path.display()),
            ),
            Authority::Permissions { path, .. } => (Code::Home, format!("run chmod 600 {}", path.display())),
            Authority::Read { .. } => (Code::Home, "see whether this user may read it".into()),
            Authority::Write { .. } => (Code::Home, "see whether the disk has room".into()),
        };
        Self::new(code, message).hint(hint)
    }
}
