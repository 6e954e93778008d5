//! A daemon that has lost its contacts, and refuses those who have not lost it.

use crate::{
    forget::forget_contacts,
    process::{Daemon, until},
};

/// Takes all contacts from a daemon, and returns when it refuses this one of them.
pub(crate) async fn forgetful(mut daemon: Daemon, contact: &Daemon) -> Daemon {
    daemon.kill().await;
    forget_contacts(&daemon.home).await;
    let daemon = daemon.restart().await;
    let ping = ["ping", daemon.address(), "-c", "1", "--timeout", "50s"];
    until("it is back, and refuses", async || contact.run(&ping).await.code == 5).await;
    daemon
}
