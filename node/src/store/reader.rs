//! The thread that answers queries, on a connection that cannot write.

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::job::Command;

/// Serves `commands` until asked to close, or until nobody is left who could ask.
pub(super) fn run(connection: Connection, mut commands: mpsc::Receiver<Command>) {
    while let Some(command) = commands.blocking_recv() {
        match command {
            Command::Run(mut job) => {
                job.run(&connection);
                job.settle(Ok(()));
            }
            Command::Close(done) => {
                drop(connection);
                done.send(()).ok();
                return;
            }
        }
    }
}
