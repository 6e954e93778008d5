//! What an agent may do here, as flags and in words.

use std::{collections::BTreeSet, str::FromStr, time::Duration};

use airway_protocols::{
    port::Port,
    trust::{MAX_PORTS, Pattern, Ports},
};
use clap::Args;
use jiff::Timestamp;

use super::output::{View, human};
use crate::api::Scopes;

/// What an agent may do here. Without any of these it may do everything.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What the agent may do (everything, unless any of these is given)")]
pub(super) struct Grant {
    /// Let it open these ports, as in 7,1001,5000-5010; all or none. Messages and files need 1001
    #[arg(long, value_name = "PORTS")]
    ports: Option<PortList>,
    /// Let it publish topics that match, as in 'builds/**'; may be repeated
    #[arg(long, value_name = "PATTERN")]
    publish: Vec<Pattern>,
    /// Let it subscribe to topics that match; may be repeated
    #[arg(long, value_name = "PATTERN")]
    subscribe: Vec<Pattern>,
    /// Let it submit tasks
    #[arg(long)]
    submit: bool,
}

/// When trust ends by itself.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct Expiry {
    /// End the trust after this long, as in 12h or 30days
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(super) expires: Option<Duration>,
}

/// Ports as people type them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PortList(Ports);

impl FromStr for PortList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => return Ok(Self(Ports::All)),
            "none" => return Ok(Self(Ports::Only(BTreeSet::new()))),
            _ => {}
        }
        let mut ports = BTreeSet::new();
        for piece in text.split(',') {
            let (first, last) = piece.split_once('-').unwrap_or((piece, piece));
            let port = |text: &str| {
                text.trim()
                    .parse::<Port>()
                    .map_err(|error| format!("{:?} is not a port: {error}", text.trim()))
            };
            let (first, last) = (u16::from(port(first)?), u16::from(port(last)?));
            if first > last {
                return Err(format!("{piece:?} begins above its end"));
            }
            // Checked as it grows: nobody wants a set of all ports but one.
            for number in first..=last {
                ports.extend(Port::new(number));
                if ports.len() > MAX_PORTS {
                    return Err(format!("these are more than {MAX_PORTS} ports: name fewer, or all"));
                }
            }
        }
        Ok(Self(Ports::Only(ports)))
    }
}

impl Grant {
    /// Whether anything is named.
    pub(super) fn is_given(&self) -> bool {
        self.ports.is_some() || !self.publish.is_empty() || !self.subscribe.is_empty() || self.submit
    }

    /// The scopes that the flags name; none if there is no flag at all.
    pub(super) fn scopes(self, expires: Option<Duration>) -> Option<Scopes> {
        if !self.is_given() && expires.is_none() {
            return None;
        }
        let until = expires.map(|expires| {
            let expires = u64::try_from(expires.as_millis()).unwrap_or(u64::MAX);
            u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0).saturating_add(expires)
        });
        if !self.is_given() {
            return Some(Scopes { until, ..Scopes::everything() });
        }
        let Self { ports, publish, subscribe, submit } = self;
        let ports = ports.map_or_else(|| Ports::Only(BTreeSet::new()), |PortList(ports)| ports);
        Some(Scopes { ports, publish, subscribe, submit, until })
    }
}

/// Scopes in words; nothing where they are everything for ever.
pub(super) fn limits(scopes: &Scopes, view: &View) -> Option<String> {
    let everything = Scopes::everything();
    let end = scopes.until.map(|until| {
        let until = i64::try_from(until).unwrap_or(i64::MAX);
        format!("until {}", human::local(until, view))
    });
    if (Scopes { until: None, ..scopes.clone() }) == everything {
        return end;
    }
    let mut parts = Vec::new();
    match &scopes.ports {
        Ports::All => parts.push("all ports".to_owned()),
        Ports::Only(ports) if ports.is_empty() => {}
        Ports::Only(ports) => parts.push(format!("ports {}", ranges(ports))),
    }
    let list = |what: &str, patterns: &[Pattern]| {
        let patterns: Vec<_> = patterns.iter().map(Pattern::as_str).collect();
        (!patterns.is_empty()).then(|| format!("{what} {}", patterns.join(" ")))
    };
    parts.extend(list("publish", &scopes.publish));
    parts.extend(list("subscribe", &scopes.subscribe));
    parts.extend(scopes.submit.then(|| "submit tasks".to_owned()));
    if parts.is_empty() {
        parts.push("echo alone".to_owned());
    }
    parts.extend(end);
    Some(parts.join(", "))
}

/// Ports with those in a row drawn together.
fn ranges(ports: &BTreeSet<Port>) -> String {
    let mut rows: Vec<(u16, u16)> = Vec::new();
    for port in ports.iter().copied().map(u16::from) {
        match rows.last_mut() {
            Some((_, last)) if port == last.saturating_add(1) => *last = port,
            _ => rows.push((port, port)),
        }
    }
    let told = rows
        .into_iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    told.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn view() -> View {
        View { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC, terminal: false }
    }

    fn ports(text: &str) -> Grant {
        Grant { ports: Some(text.parse().unwrap()), ..Grant::default() }
    }

    #[test]
    fn ports_are_numbers_and_ranges() {
        let scopes = ports("7,1001, 5000-5003,5003").scopes(None).unwrap();
        assert_eq!(limits(&scopes, &view()).unwrap(), "ports 7 1001 5000-5003");
        for text in ["", "7,", "0", "65536", "9-7", "1-65", "1-65535", "echo", "-1"] {
            assert!(text.parse::<PortList>().is_err(), "{text:?}");
        }
        assert_eq!("1-64".parse::<PortList>().map(|PortList(ports)| ports == Ports::All), Ok(false));
        assert!("65535".parse::<PortList>().is_ok());
    }

    #[test]
    fn no_flag_grants_everything_and_any_flag_nothing_else() {
        assert_eq!(Grant::default().scopes(None), None);
        let submit = Grant { submit: true, ..Grant::default() }.scopes(None).unwrap();
        assert_eq!(limits(&submit, &view()).unwrap(), "submit tasks");
        assert_eq!(limits(&ports("none").scopes(None).unwrap(), &view()).unwrap(), "echo alone");
        assert_eq!(limits(&ports("all").scopes(None).unwrap(), &view()).unwrap(), "all ports");
        assert_eq!(limits(&Scopes::everything(), &view()), None);
    }

    #[test]
    fn an_end_alone_leaves_everything_until_then() {
        let scopes = Grant::default().scopes(Some(Duration::from_secs(60))).unwrap();
        assert!(scopes.until.is_some());
        assert_eq!(Scopes { until: None, ..scopes }, Scopes::everything());
        let ended = Scopes { until: Some(0), ..Scopes::everything() };
        assert_eq!(limits(&ended, &view()).unwrap(), "until 1970-01-01 00:00:00");
    }
}
