//! Ctrl-C, and what a service manager sends in its place.

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
        let (sender, wish) = watch::channel(Wish::None);
        tokio::spawn(hear(interrupts, terminations, sender));
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

/// The first signal asks to finish, each other one to end at once.
async fn hear(mut interrupts: Signal, mut terminations: Signal, wish: watch::Sender<Wish>) {
    for next in [Wish::Finish, Wish::Now] {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
            () = wish.closed() => return,
        }
        wish.send_replace(next);
    }
    wish.closed().await;
}
