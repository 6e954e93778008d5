//! Path and query of a call, safely encoded: whatever a caller passes stays one segment or one value.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::api::{Code, Error};

/// All but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path below `/v1`, with its query.
#[derive(Debug)]
pub(super) struct Target(String);

impl Target {
    /// The path made of `segments`, each of them any text.
    pub(super) fn new<'a>(segments: impl IntoIterator<Item = &'a str>) -> Self {
        let mut path = String::from("/v1");
        for segment in segments {
            path.push('/');
            path.extend(utf8_percent_encode(segment, SEGMENT));
        }
        Self(path)
    }

    /// The same with a query; absent fields are left out.
    pub(super) fn query(mut self, query: &impl Serialize) -> Result<Self, Error> {
        let query = serde_urlencoded::to_string(query)
            .map_err(|error| Error::new(Code::BadRequest, format!("cannot put it in a query: {error}")))?;
        if !query.is_empty() {
            self.0.push('?');
            self.0.push_str(&query);
        }
        Ok(self)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{InboxQuery, Kind, SendQuery};

    #[test]
    fn a_segment_stays_one_segment() {
        let target = Target::new(["contacts", "airway:a/b?c#d e%ü", "alias"]);
        assert_eq!(target.as_str(), "/v1/contacts/airway%3Aa%2Fb%3Fc%23d%20e%25%C3%BC/alias");
    }

    #[test]
    fn a_query_leaves_out_what_is_absent() {
        let query = SendQuery {
            to: "0:0000.EB19.D348#foc5&x=y".into(),
            kind: Kind::Json,
            reply_to: None,
            id: None,
            timeout_ms: Some(5),
            expires_s: None,
        };
        let target = Target::new(["messages"]).query(&query).unwrap();
        assert_eq!(
            target.as_str(),
            "/v1/messages?to=0%3A0000.EB19.D348%23foc5%26x%3Dy&type=json&timeout_ms=5"
        );
    }

    #[test]
    fn an_empty_query_has_no_question_mark() {
        let target = Target::new(["inbox"]).query(&[("after", None::<u64>)]).unwrap();
        assert_eq!(target.as_str(), "/v1/inbox");
        let target = Target::new(["inbox"]).query(&InboxQuery::default()).unwrap();
        assert_eq!(target.as_str(), "/v1/inbox?unread=false");
    }
}
