//! Text from strangers, made harmless for a terminal.
//!
//! Names and messages are what a peer chose to send. On a terminal, control characters move the cursor and
//! rewrite what is shown, and characters that change direction or are invisible make a text look like
//! another one.

pub(in crate::cli) use airway_protocols::hidden::is_hidden as hidden;

/// `text` as one line: ends of lines and tabs become spaces, hidden characters vanish.
pub(in crate::cli) fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_whitespace() { ' ' } else { c }).filter(|&c| !hidden(c)).collect()
}

/// `text` with its lines and tabs; other hidden characters vanish.
pub(in crate::cli) fn block(text: &str) -> String {
    text.chars().filter(|&c| matches!(c, '\n' | '\t') || !hidden(c)).collect()
}

/// The beginning of `text` as one line of at most `max` characters.
pub(in crate::cli) fn preview(text: &str, max: usize) -> String {
    let mut chars = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|&c| !hidden(c));
    let mut start: String = chars.by_ref().take(max).collect();
    if chars.next().is_some() {
        start.pop();
        start.push('…');
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(line("\u{1b}[2J\u{1b}]0;owned\u{7}hi\u{9b}31m"), "[2J]0;ownedhi31m");
    }

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(line("bob\r\nerror: x\tz\u{2028}y\u{85}"), "bob  error: x zy");
    }

    #[test]
    fn direction_cannot_be_turned() {
        assert_eq!(line("abc\u{202e}fdp.exe\u{2066}\u{200f}"), "abcfdp.exe");
    }

    #[test]
    fn invisible_letters_vanish() {
        assert_eq!(line("a\u{200b}b\u{feff}\u{e0049}\u{e0067}"), "ab");
    }

    #[test]
    fn a_block_keeps_its_lines() {
        assert_eq!(block("one\r\n\ttwo\u{8}\n"), "one\n\ttwo\n");
    }

    #[test]
    fn other_scripts_and_joined_emoji_stay() {
        let text = "Zoë 山 שלום 👩\u{200d}🚀";
        assert_eq!(line(text), text);
        assert_eq!(block(text), text);
    }

    #[test]
    fn a_preview_is_cut_by_characters() {
        assert_eq!(preview("ünïcödé", 7), "ünïcödé");
        assert_eq!(preview("ünïcödé!", 7), "ünïcöd…");
        assert_eq!(preview("a\nb", 7), "a b");
    }
}
