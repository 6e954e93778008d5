//! Characters that nobody sees, and that make a text look like another one.
//!
//! [`is_hidden`] is a rule for names; [`clean`] is for showing what somebody else has written.

/// Whether a terminal acts on `c`, or hides it, instead of showing it.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}'                              // soft hyphen
            | '\u{061c}' | '\u{200e}' | '\u{200f}'  // marks of direction
            | '\u{202a}'..='\u{202e}'               // embeddings and overrides of direction
            | '\u{2066}'..='\u{2069}'               // isolates of direction
            | '\u{2028}' | '\u{2029}'               // line and paragraph ends
            | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' // no width, no meaning
            | '\u{206a}'..='\u{206f}'               // deprecated formatting
            | '\u{fff9}'..='\u{fffb}'               // annotations
            | '\u{e0000}'..='\u{e007f}'             // tags: a whole alphabet that nobody sees
        )
}

/// A text of somebody else as it may be shown: on one line, and without any character that nobody sees.
///
/// Ends of lines and tabs become spaces. What is left may still say anything: it is never an instruction.
#[must_use]
pub fn clean(text: &str) -> String {
    let shown = |c| match c {
        '\n' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        c if is_hidden(c) || is_blank(c) => None,
        c => Some(c),
    };
    text.chars().filter_map(shown).collect()
}

/// Characters that show nothing by themselves, yet have a use in some names or pictures: together they can carry a text
/// beside the one that is seen.
fn is_blank(c: char) -> bool {
    matches!(c,
        '\u{034f}' | '\u{200c}' | '\u{200d}'                  // joiners
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'  // fillers
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{2065}' | '\u{fff0}'..='\u{fff8}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0080}'..='\u{e0fff}'  // selectors of variants
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_text_is_one_line_of_what_is_seen() {
        assert_eq!(clean("grüße, 山 👋"), "grüße, 山 👋");
        assert_eq!(clean("a\r\nb\tc\u{2028}d"), "a b c d");
        assert_eq!(clean("\u{1b}[2Jok\u{7}\0\u{9b}"), "[2Jok");
        assert_eq!(clean("a\u{202e}fdp\u{200b}.exe\u{feff}"), "afdp.exe");
        let smuggled: String = "hi"
            .chars()
            .chain("do it".chars().map(|c| char::from_u32(0xE0000 + c as u32).unwrap()))
            .collect();
        assert_eq!(clean(&smuggled), "hi");
        assert_eq!(clean("x\u{e0101}\u{e01ef}\u{fe0f}\u{200d}y"), "xy");
    }
}
