//! Places where a test lets this process die, as if the power had failed.

macro_rules! places {
    ($($(#[$about:meta])* $way:ident { $($(#[$doc:meta])* $place:ident,)* })*) => {
        /// A place to die at. The tests take their names from here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Place {
            $($($(#[$doc])* $place,)*)*
        }

        impl Place {
            $(
                $(#[$about])*
                #[allow(dead_code, reason = "the tests go through all of them")]
                pub(crate) const $way: &[Self] = &[$(Self::$place),*];
            )*
        }
    };
}

places! {
/// All on the way of trust.
ALL {
    /// A turn is decided, and nothing of it written.
    Decided,
    /// The contact is written, and the relation is not.
    HalfWritten,
    /// All is written, and nothing committed.
    Written,
    /// The turn is on the disk, and not in memory.
    Committed,
    /// Memory says what the disk says; streams are open as they were.
    Settled,
    /// The streams of who is not trusted any more are cut, and its connections open.
    Cut,
    /// Its connections are closed; what waited for it is not given up.
    Disconnected,
    /// All has followed from a turn but telling the other.
    Followed,
    /// A courier sets out.
    ToBeSaid,
    /// The other has heard it, and the disk does not know.
    Said,
    /// Nothing is left to be said.
    Acknowledged,
    /// A statement is taken in, and not answered.
    ToBeAnswered,
    /// It is answered, and nothing has followed.
    Answered,
    /// A knock is taken in, and not answered.
    KnockToBeAnswered,
    /// It is answered, and nothing has followed.
    KnockAnswered,
}

/// All on the way into a network and out of it.
MESH {
    /// The authority of a network has a key, and the network no member.
    Founded,
    /// A newcomer has its certificate on the disk of the inviter, and has not heard of it.
    Issued,
    /// A newcomer has heard of it, and has nothing on its own disk.
    Granted,
    /// What belonged to the network before is forgotten, and the new one not written.
    HalfEntered,
    /// The membership is on the disk, and not in memory.
    Entered,
    /// The network is forgotten, and nothing committed.
    HalfLeft,
    /// The network is left on the disk, and not in memory.
    Left,
}

/// All on the way of a task.
TASKS {
    /// A task of ours is on the disk, and its worker has not heard of it.
    SubmissionKept,
    /// A task has come, and nothing of it is committed.
    TaskWritten,
    /// It is on the worker's disk, and its requester has not heard of that.
    TaskKept,
    /// The same, with the task in the queue.
    TaskQueued,
    /// Its requester has heard of it, and has nothing on its own disk.
    SubmissionHeard,
    /// It is being executed.
    TaskTaken,
    /// Its result is on the worker's disk, and its requester has not heard of it.
    ResultKept,
    /// Its receipt is written, and nothing of its end is committed.
    ReceiptWritten,
    /// All of its end is written, and nothing committed.
    ResultWritten,
    /// Its end is on the requester's disk, and its worker has not heard of that.
    ResultApplied,
    /// Its worker has the receipt, and nothing is committed.
    ReceiptHeard,
    /// Its worker has the receipt on its disk.
    ReceiptKept,
    /// The file that goes with a task has been copied, and no task names it.
    FileCopied,
    /// It has been delivered, and the task does not know.
    FileDelivered,
}
}

/// Ends the process at once, without a word to anybody, if the file that `AIRWAY_CRASH_AT` names says this place. So a
/// test may decide while the process runs. Debug builds alone look, and only those that were started with the variable
/// look for the file.
pub(crate) fn point(place: Place) {
    #[cfg(debug_assertions)]
    {
        static WANTED: std::sync::OnceLock<Option<std::path::PathBuf>> = std::sync::OnceLock::new();
        let Some(file) = WANTED.get_or_init(|| std::env::var_os("AIRWAY_CRASH_AT").map(Into::into)) else {
            return;
        };
        if std::fs::read_to_string(file).is_ok_and(|wanted| wanted == format!("{place:?}")) {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            // The signal may take a moment.
            loop {
                std::thread::park();
            }
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = place;
}
