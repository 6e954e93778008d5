//! What an agent may do at another.

use std::collections::BTreeSet;

use airway_protocols::trust::{self, Pattern, Ports};
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, schema::Type},
};

use crate::api::{Code, Error};

/// What an agent may do at another: what is not named, it may not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scopes {
    /// The ports that it may open: `"all"`, or a list of at most 64. Port 7 is open to whoever is trusted; 1001 is for
    /// messages and files.
    #[serde(default = "none")]
    #[schema(schema_with = ports)]
    pub ports: Ports,
    /// Patterns of the topics that it may publish, at most 16.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub publish: Vec<Pattern>,
    /// Patterns of the topics that it may subscribe to, at most 16.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub subscribe: Vec<Pattern>,
    /// Whether it may submit tasks.
    #[serde(default)]
    pub submit: bool,
    /// Unix milliseconds; the trust ends then.
    #[serde(default)]
    pub until: Option<u64>,
}

fn none() -> Ports {
    Ports::Only(BTreeSet::new())
}

/// The word, or numbers.
fn ports() -> Schema {
    let all = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["all"]));
    let port = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(u16::MAX));
    OneOfBuilder::new().item(all).item(ArrayBuilder::new().items(port)).into()
}

impl Scopes {
    /// Everything, for ever.
    pub fn everything() -> Self {
        trust::Scopes::everything().into()
    }
}

impl From<trust::Scopes> for Scopes {
    fn from(scopes: trust::Scopes) -> Self {
        let trust::Scopes { ports, publish, subscribe, submit, until } = scopes;
        Self { ports, publish, subscribe, submit, until }
    }
}

impl TryFrom<Scopes> for trust::Scopes {
    type Error = Error;

    fn try_from(scopes: Scopes) -> Result<Self, Error> {
        let Scopes { ports, publish, subscribe, submit, until } = scopes;
        let scopes = Self { ports, publish, subscribe, submit, until };
        scopes.validate().map_err(|error| {
            Error::new(Code::BadRequest, error.to_string())
                .hint("see airway trust --help for what can be granted")
        })?;
        Ok(scopes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_not_granted() {
        let scopes: Scopes = serde_json::from_str(r#"{"ports":[7,1001]}"#).unwrap();
        assert!(scopes.publish.is_empty() && scopes.subscribe.is_empty() && !scopes.submit);
        let json = serde_json::to_string(&scopes).unwrap();
        assert_eq!(json, r#"{"ports":[7,1001],"publish":[],"subscribe":[],"submit":false,"until":null}"#);
        let nothing: Scopes = serde_json::from_str("{}").unwrap();
        assert_eq!(trust::Scopes::try_from(nothing).unwrap(), trust::Scopes::nothing());
    }

    #[test]
    fn everything_has_a_word() {
        let json = serde_json::to_value(Scopes::everything()).unwrap();
        assert_eq!((&json["ports"], &json["publish"]), (&"all".into(), &serde_json::json!(["*"])));
        assert_eq!(serde_json::from_value::<Scopes>(json).unwrap(), Scopes::everything());
    }

    #[test]
    fn more_than_there_may_be_is_refused() {
        let ports: Vec<u16> = (1..=65).collect();
        let scopes: Scopes = serde_json::from_value(serde_json::json!({ "ports": ports })).unwrap();
        assert_eq!(trust::Scopes::try_from(scopes).unwrap_err().code, Code::BadRequest);
        assert!(serde_json::from_str::<Scopes>(r#"{"publish":["a//b"]}"#).is_err());
        assert!(serde_json::from_str::<Scopes>(r#"{"ports":"some"}"#).is_err());
    }
}
