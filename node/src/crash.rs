//! Places where a test lets this process die, as if the power had failed.

/// Ends the process at once, without a word to anybody, if `AIRWAY_CRASH_AT` names this place. Debug builds alone look.
pub(crate) fn point(place: &str) {
    #[cfg(debug_assertions)]
    if std::env::var_os("AIRWAY_CRASH_AT").is_some_and(|wanted| wanted == place) {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        // The signal may take a moment.
        loop {
            std::thread::park();
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = place;
}
