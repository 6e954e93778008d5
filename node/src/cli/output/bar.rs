//! How far something is that takes a while.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What stands on the line of a bar.
const LINE: &str = "{prefix:<10} {bar:30} {msg}";

/// A bar on stderr. Invisible where no terminal is; gone when dropped.
#[derive(Debug)]
pub(in crate::cli) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(visible: bool) -> Self {
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(1), target);
        bar.set_style(ProgressStyle::with_template(LINE).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    /// Shows how far `what` is, in numbers and in words.
    pub(in crate::cli) fn show(&self, what: &'static str, done: u64, total: u64, words: String) {
        self.0.update(|state| {
            state.set_len(total);
            state.set_pos(done);
        });
        self.0.set_prefix(what);
        self.0.set_message(words);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_bar_is_a_template() {
        assert!(ProgressStyle::with_template(LINE).is_ok());
    }
}
