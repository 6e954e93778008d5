//! What a member does for its network.

use std::{fmt, ops::BitOr, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// What a member may do beyond what every member may.
///
/// A list of names in human-readable formats, and a set of bits in binary ones: relay 1, inviter 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Roles {
    /// It relays for other members.
    pub relay: bool,
    /// It takes others in: what it signs is a certificate.
    pub inviter: bool,
}

/// A set of bits has some that stand for no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the set of roles {0} has some that are not known")]
pub struct UnknownRoles(pub u8);

/// A text is not the name of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is relay or inviter")]
pub struct ParseRoleError;

impl Roles {
    const RELAY: u8 = 1;
    const INVITER: u8 = 2;

    /// None: what every member is.
    #[must_use]
    pub const fn none() -> Self {
        Self { relay: false, inviter: false }
    }

    /// As on the wire.
    #[must_use]
    pub const fn bits(self) -> u8 {
        (if self.relay { Self::RELAY } else { 0 }) | (if self.inviter { Self::INVITER } else { 0 })
    }

    /// The inverse of [`bits`](Self::bits).
    ///
    /// # Errors
    ///
    /// [`UnknownRoles`] for a bit that stands for no role: what it allows is not known.
    pub const fn from_bits(bits: u8) -> Result<Self, UnknownRoles> {
        if bits & !(Self::RELAY | Self::INVITER) != 0 {
            return Err(UnknownRoles(bits));
        }
        Ok(Self { relay: bits & Self::RELAY != 0, inviter: bits & Self::INVITER != 0 })
    }

    /// Whether `other` has each of these roles.
    #[must_use]
    pub const fn within(self, other: Self) -> bool {
        self.bits() & !other.bits() == 0
    }

    fn names(self) -> Vec<&'static str> {
        [(self.relay, "relay"), (self.inviter, "inviter")]
            .into_iter()
            .filter_map(|(has, name)| has.then_some(name))
            .collect()
    }
}

/// Those that either has.
impl BitOr for Roles {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self { relay: self.relay || other.relay, inviter: self.inviter || other.inviter }
    }
}

/// `relay, inviter`, or `member` for none.
impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.names().as_slice() {
            [] => "member".fmt(f),
            names => names.join(", ").fmt(f),
        }
    }
}

/// The name of one role.
impl FromStr for Roles {
    type Err = ParseRoleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "relay" => Ok(Self { relay: true, ..Self::none() }),
            "inviter" => Ok(Self { inviter: true, ..Self::none() }),
            _ => Err(ParseRoleError),
        }
    }
}

impl Serialize for Roles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            self.names().serialize(serializer)
        } else {
            serializer.serialize_u8(self.bits())
        }
    }
}

impl<'de> Deserialize<'de> for Roles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return Self::from_bits(u8::deserialize(deserializer)?).map_err(D::Error::custom);
        }
        let parse = |name: String| name.parse::<Self>().map_err(D::Error::custom);
        Vec::<String>::deserialize(deserializer)?
            .into_iter()
            .try_fold(Self::none(), |roles, name| Ok(roles | parse(name)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> [Roles; 4] {
        [0, 1, 2, 3].map(|bits| Roles::from_bits(bits).unwrap())
    }

    #[test]
    fn bits_and_both_serialised_forms_round_trip() {
        for (roles, json) in
            all().into_iter().zip(["[]", "[\"relay\"]", "[\"inviter\"]", "[\"relay\",\"inviter\"]"])
        {
            assert_eq!(Roles::from_bits(roles.bits()), Ok(roles));
            assert_eq!(serde_json::to_string(&roles).unwrap(), json);
            assert_eq!(serde_json::from_str::<Roles>(json).unwrap(), roles);
            let cbor = serde_cbor::to_vec(&roles).unwrap();
            assert_eq!(cbor, [roles.bits()]);
            assert_eq!(serde_cbor::from_slice::<Roles>(&cbor).unwrap(), roles);
        }
    }

    #[test]
    fn what_stands_for_no_role_is_refused() {
        assert_eq!(Roles::from_bits(4), Err(UnknownRoles(4)));
        assert_eq!(Roles::from_bits(0xFF), Err(UnknownRoles(0xFF)));
        assert!(serde_cbor::from_slice::<Roles>(&[4]).is_err());
        assert!(serde_json::from_str::<Roles>("[\"authority\"]").is_err());
        assert_eq!("member".parse::<Roles>(), Err(ParseRoleError));
    }

    #[test]
    fn people_read_names() {
        let shown = all().map(|roles| roles.to_string());
        assert_eq!(shown, ["member", "relay", "inviter", "relay, inviter"]);
        assert_eq!("relay".parse::<Roles>().unwrap() | "inviter".parse().unwrap(), all()[3]);
    }

    #[test]
    fn roles_are_within_those_that_have_them_all() {
        let [none, relay, inviter, both] = all();
        for roles in all() {
            assert!(none.within(roles) && roles.within(both) && roles.within(roles));
        }
        assert!(!relay.within(none) && !relay.within(inviter) && !both.within(inviter));
    }
}
