//! The lock that keeps a home to one daemon, and what only its holder may do.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt},
    path::PathBuf,
};

use super::{Error, Home, OPEN_TO_OTHERS, create_private};

/// Longest path of a Unix socket in bytes: `sun_path` less the terminating zero.
#[cfg(target_os = "linux")]
const SOCKET_PATH_LIMIT: usize = 107;
/// Longest path of a Unix socket in bytes: the BSD systems have four bytes less than Linux.
#[cfg(not(target_os = "linux"))]
const SOCKET_PATH_LIMIT: usize = 103;

/// Longest process id read from a lock file, in bytes: a `u32` has at most ten digits.
const PID_BYTES: u64 = 10;

/// The exclusive use of a [`Home`], given back on drop or when the process ends, however it ends.
///
/// The file stays: deleting it would let two processes lock two files of the same name.
#[derive(Debug)]
pub struct Lock {
    home: Home,
    /// Open as long as the lock is held; closing it releases the lock.
    _file: File,
}

impl Lock {
    /// Takes the lock of `home` and writes our process id into its file.
    pub(super) fn take(home: &Home) -> Result<Self, Error> {
        let path = home.lock_file();
        let failed = |source| Error::from_io(&path, source);
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::InUse { home: home.root().to_owned(), pid: read_pid(&file) });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // The id only serves the error message of others, so a full disk is no reason to refuse.
        let written = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        if let Err(error) = written {
            tracing::warn!(%error, path = %path.display(), "process id not written");
        }
        Ok(Self { home: home.clone(), _file: file })
    }

    /// Makes the place for the socket and returns its path: the directory exists, closed to other users, and
    /// the socket of a daemon that crashed is gone. Deleting it is safe because a living daemon would hold
    /// this lock.
    ///
    /// # Errors
    ///
    /// [`Error::SocketPathTooLong`] before anything is touched, [`Error::SocketInTheWay`] if a file that is no
    /// socket has the name, [`Error::OpenToOthers`] if the directory exists and is open to other users.
    pub fn prepare_socket(&self) -> Result<PathBuf, Error> {
        let socket = self.home.socket();
        if socket.as_os_str().len() > SOCKET_PATH_LIMIT {
            return Err(Error::SocketPathTooLong { path: socket, limit: SOCKET_PATH_LIMIT });
        }
        let run = self.home.run_dir();
        create_private(&run)?;
        let mode = fs::metadata(&run).map_err(|source| Error::from_io(&run, source))?.mode();
        if mode & OPEN_TO_OTHERS != 0 {
            return Err(Error::OpenToOthers { path: run, mode: mode & 0o7777 });
        }
        match fs::symlink_metadata(&socket) {
            Ok(found) if found.file_type().is_socket() => {
                fs::remove_file(&socket).map_err(|source| Error::from_io(&socket, source))?;
            }
            Ok(_) => return Err(Error::SocketInTheWay { path: socket }),
            Err(source) if source.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(Error::from_io(&socket, source)),
        }
        Ok(socket)
    }
}

/// Who holds the lock of `home`: nobody, or a process that may have written its id.
pub(super) fn holder(home: &Home) -> Option<Option<u32>> {
    let file = File::open(home.lock_file()).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(read_pid(&file)),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

/// The process id in a lock file, if its holder has written one.
fn read_pid(file: &File) -> Option<u32> {
    let mut text = String::new();
    file.take(PID_BYTES).read_to_string(&mut text).ok()?;
    text.parse().ok()
}
