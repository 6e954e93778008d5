//! Ctrl-C, what a service manager sends in its place, and what comes when the terminal closes.

use std::io::{self, IsTerminal as _};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use crate::cli::Error;

/// How much the user wants to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wish {
    None,
    /// What is being done is finished.
    Finish,
    /// Nothing is.
    Now,
}

/// Whether the user wants to stop.
#[derive(Debug, Clone)]
pub(super) struct Stop(watch::Receiver<Wish>);

impl Stop {
    /// Listens to signals from now on.
    pub(super) fn listen() -> Result<Self, Error> {
        let unheard = |error| Error::internal(format!("cannot listen to signals: {error}"));
        let interrupts = signal(SignalKind::interrupt()).map_err(unheard)?;
        let terminations = signal(SignalKind::terminate()).map_err(unheard)?;
        let hangups = signal(SignalKind::hangup()).map_err(unheard)?;
        let (sender, wish) = watch::channel(Wish::None);
        tokio::spawn(hear(interrupts, terminations, hangups, sender));
        Ok(Self(wish))
    }

    /// Whether no more is to be begun.
    pub(super) fn is_asked(&self) -> bool {
        *self.0.borrow() > Wish::None
    }

    /// Returns when no more is to be begun.
    pub(super) async fn asked(&self) {
        self.reaches(Wish::Finish).await;
    }

    /// Returns when what is being done is to be given back.
    pub(super) async fn now(&self) {
        self.reaches(Wish::Now).await;
    }

    async fn reaches(&self, wish: Wish) {
        if self.0.clone().wait_for(|now| *now >= wish).await.is_err() {
            // Nobody listens any more: nobody will ask.
            std::future::pending::<()>().await;
        }
    }
}

/// The first signal asks to finish, the next one to end at once, as does a terminal that closes: no other could come from it.
/// Who has none, as under nohup, goes on. By itself a hangup would end this process, and not the commands that it has started.
async fn hear(
    mut interrupts: Signal,
    mut terminations: Signal,
    mut hangups: Signal,
    wish: watch::Sender<Wish>,
) {
    let has_terminal = io::stdin().is_terminal();
    loop {
        let next = tokio::select! {
            _ = interrupts.recv() => Wish::Finish,
            _ = terminations.recv() => Wish::Finish,
            _ = hangups.recv() => if has_terminal { Wish::Now } else { continue },
            () = wish.closed() => return,
        };
        wish.send_modify(|wish| *wish = if *wish == Wish::None { next } else { Wish::Now });
    }
}
