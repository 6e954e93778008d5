//! Reading an address from text: one spelling but for case, and an error for each mistake.

use std::fmt;

use crate::decimal;

/// Hexadecimal digits in each group.
const DIGITS: usize = 4;

/// One of the three hexadecimal groups of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The network, repeated.
    Network,
    /// The upper half of the node.
    High,
    /// The lower half of the node.
    Low,
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Network => "first",
            Self::High => "second",
            Self::Low => "third",
        })
    }
}

/// What is wrong with the text of an address, so that a person knows what to put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseAddressError {
    /// There is no colon behind the decimal network.
    #[error("an address reads N:NNNN.HHHH.LLLL; the colon after the network is missing")]
    Colon,
    /// The decimal network is not a 16-bit number.
    #[error("the network before the colon is wrong: {0}")]
    Network(decimal::Error),
    /// There are more or fewer than three groups.
    #[error("three groups separated by dots follow the colon, not {found}")]
    Groups {
        /// Groups that were given.
        found: usize,
    },
    /// A group is too long or too short.
    #[error("the {group} group has {found} characters in place of four hexadecimal digits")]
    Length {
        /// The group in question.
        group: Group,
        /// Characters that were given.
        found: usize,
    },
    /// A group has a character that is not a hexadecimal digit.
    #[error("{found:?} in the {group} group is not a hexadecimal digit")]
    Digit {
        /// The group in question.
        group: Group,
        /// The first wrong character.
        found: char,
    },
    /// The two spellings of the network are different numbers.
    #[error("the network is {decimal} before the colon but {hex} ({hex:04X}) in the first group")]
    Disagreement {
        /// The number before the colon.
        decimal: u16,
        /// The number in the first group.
        hex: u16,
    },
    /// A fingerprint or a port follows, where only an address is expected.
    #[error("{found:?} and what follows it do not belong to an address")]
    Trailing {
        /// What introduces the fingerprint (`#`) or the port (`:`).
        found: char,
    },
}

/// Splits the text of an address into network and node.
pub(super) fn parse(text: &str) -> Result<(u16, u32), ParseAddressError> {
    let (decimal, groups) = text.split_once(':').ok_or(ParseAddressError::Colon)?;
    let decimal = decimal::parse(decimal).map_err(ParseAddressError::Network)?;
    if let Some(found) = groups.chars().find(|c| matches!(c, '#' | ':')) {
        return Err(ParseAddressError::Trailing { found });
    }

    let groups: Vec<_> = groups.split('.').collect();
    let [network, high, low] = groups[..] else {
        return Err(ParseAddressError::Groups { found: groups.len() });
    };
    let hex = group(Group::Network, network)?;
    let node = u32::from(group(Group::High, high)?) << 16 | u32::from(group(Group::Low, low)?);

    if hex == decimal { Ok((decimal, node)) } else { Err(ParseAddressError::Disagreement { decimal, hex }) }
}

/// Reads one group of exactly four hexadecimal digits.
fn group(group: Group, text: &str) -> Result<u16, ParseAddressError> {
    if let Some(found) = text.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(ParseAddressError::Digit { group, found });
    }
    let length = ParseAddressError::Length { group, found: text.len() };
    if text.len() != DIGITS {
        return Err(length);
    }
    u16::from_str_radix(text, 16).map_err(|_| length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::address::Address;

    proptest! {
        #[test]
        fn any_text_parses_or_fails(text in "\\PC{0,24}") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string(), text.to_uppercase());
            }
        }

        #[test]
        fn a_changed_character_never_gives_the_same_address(
            bytes: [u8; 6], at: prop::sample::Index, new in "[0-9A-Fa-fg:.# +-]",
        ) {
            let address = Address::from_bytes(bytes);
            let text = address.to_string();
            let at = at.index(text.len());
            let mut changed = text.clone();
            changed.replace_range(at..=at, &new);
            prop_assume!(!changed.eq_ignore_ascii_case(&text));

            prop_assert_ne!(changed.parse(), Ok(address));
        }

        #[test]
        fn a_lost_character_is_noticed(bytes: [u8; 6], at: prop::sample::Index) {
            let mut text = Address::from_bytes(bytes).to_string();
            text.remove(at.index(text.len()));
            prop_assert!(text.parse::<Address>().is_err());
        }
    }

    #[test]
    fn each_mistake_has_its_own_error() {
        use Group::{High, Low, Network};
        use ParseAddressError as E;

        let cases = [
            ("", E::Colon),
            ("0.0000.EB19.D348", E::Colon),
            (":0000.EB19.D348", E::Network(decimal::Error::Empty)),
            ("00:0000.EB19.D348", E::Network(decimal::Error::LeadingZero)),
            ("+1:0001.EB19.D348", E::Network(decimal::Error::Character('+'))),
            (" 0:0000.EB19.D348", E::Network(decimal::Error::Character(' '))),
            ("65536:0000.EB19.D348", E::Network(decimal::Error::TooLarge)),
            ("0:0000.EB19", E::Groups { found: 2 }),
            ("0:0000.EB19.D348.0000", E::Groups { found: 4 }),
            ("0:000.EB19.D348", E::Length { group: Network, found: 3 }),
            ("0:0000.EB190.D348", E::Length { group: High, found: 5 }),
            ("0:0000.EB19.", E::Length { group: Low, found: 0 }),
            ("0:0000.EB19.D34G", E::Digit { group: Low, found: 'G' }),
            ("0:0000.+B19.D348", E::Digit { group: High, found: '+' }),
            ("0:0000.EB19.D348 ", E::Digit { group: Low, found: ' ' }),
            ("10:0010.EB19.D348", E::Disagreement { decimal: 10, hex: 16 }),
            ("0:0000.EB19.D348#foc5k3hjvu2rpbac", E::Trailing { found: '#' }),
            ("0:0000.EB19.D348:7", E::Trailing { found: ':' }),
        ];
        for (text, why) in cases {
            assert_eq!(text.parse::<Address>(), Err(why), "{text:?}");
        }
    }
}
