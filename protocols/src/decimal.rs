//! Decimal numbers in texts: one spelling for each number.

/// Why a text is not a decimal number from 0 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is nothing where the number should be.
    #[error("the number is missing")]
    Empty,
    /// Only the digits 0 to 9 may stand here: no sign, no blank, no digits of another script.
    #[error("{0:?} is not a decimal digit")]
    Character(char),
    /// Every number has one spelling, so that equal texts and equal numbers are the same thing.
    #[error("the number has a leading zero")]
    LeadingZero,
    /// The number does not fit into 16 bits.
    #[error("the number is above 65535")]
    TooLarge,
}

/// Parses the one decimal spelling of a 16-bit number.
pub(crate) fn parse(text: &str) -> Result<u16, Error> {
    spelling(text)?.parse().map_err(|_| Error::TooLarge)
}

/// The digits of a number in its one spelling, however large it is.
pub(crate) fn spelling(text: &str) -> Result<&str, Error> {
    if text.is_empty() {
        return Err(Error::Empty);
    }
    if let Some(other) = text.chars().find(|c| !c.is_ascii_digit()) {
        return Err(Error::Character(other));
    }
    if text.len() > 1 && text.starts_with('0') {
        return Err(Error::LeadingZero);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_exactly_one_spelling() {
        for number in 0..=u16::MAX {
            assert_eq!(parse(&number.to_string()), Ok(number));
        }
    }

    #[test]
    fn each_mistake_has_its_own_error() {
        assert_eq!(parse(""), Err(Error::Empty));
        assert_eq!(parse("+7"), Err(Error::Character('+')));
        assert_eq!(parse("٣"), Err(Error::Character('٣')));
        assert_eq!(parse("00"), Err(Error::LeadingZero));
        assert_eq!(parse("65536"), Err(Error::TooLarge));
        assert_eq!(parse("99999999999999999999"), Err(Error::TooLarge));
    }
}
