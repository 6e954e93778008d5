//! Characters that nobody sees, and that make a text look like another one.

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
