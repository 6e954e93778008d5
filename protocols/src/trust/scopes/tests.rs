use super::*;
use crate::{data, echo, knock, trust, wire};

fn only(ports: &[u16]) -> Scopes {
    let ports = ports.iter().map(|port| Port::new(*port).unwrap()).collect();
    Scopes { ports: Ports::Only(ports), ..Scopes::nothing() }
}

fn user(port: u16) -> StreamProtocol {
    Port::new(port).unwrap().protocol()
}

#[test]
fn everything_admits_all_that_trusted_agents_speak() {
    let all = [
        echo::PROTOCOL,
        trust::PROTOCOL,
        data::PROTOCOL,
        files::PROTOCOL,
        Port::EVENTS.protocol(),
        Port::TASKS.protocol(),
        perf::PROTOCOL,
        user(80),
    ];
    for protocol in &all {
        assert!(Scopes::default().admits(protocol), "{protocol}");
        let always = [echo::PROTOCOL, trust::PROTOCOL, Port::TASKS.protocol()].contains(protocol);
        assert_eq!(Scopes::nothing().admits(protocol), always, "{protocol}");
    }
}

#[test]
fn other_protocols_are_never_admitted() {
    for other in [knock::PROTOCOL, StreamProtocol::new("/airway/port/7/1.0.0"), StreamProtocol::new("/x")] {
        assert!(!Scopes::everything().admits(&other), "{other}");
    }
}

#[test]
fn a_port_admits_its_protocols_and_no_others() {
    let data = only(&[1001]);
    assert!(data.admits(&data::PROTOCOL) && data.admits(&files::PROTOCOL));
    assert!(!data.admits(&user(80)) && !data.admits(&perf::PROTOCOL));
    let web = only(&[80]);
    assert!(web.admits(&user(80)) && !web.admits(&user(81)) && !web.admits(&data::PROTOCOL));
}

#[test]
fn events_go_by_their_topics_and_not_by_ports() {
    let events = Port::EVENTS.protocol();
    assert!(!only(&[1002]).admits(&events));
    assert!(!Scopes { ports: Ports::All, ..Scopes::nothing() }.admits(&events));

    let topics = vec!["a/*".parse().unwrap()];
    assert!(Scopes { publish: topics.clone(), ..Scopes::nothing() }.admits(&events));
    assert!(Scopes { subscribe: topics, ..Scopes::nothing() }.admits(&events));
}

#[test]
fn whoever_is_trusted_may_tell_what_became_of_a_task() {
    for submit in [false, true] {
        assert!(Scopes { submit, ..Scopes::nothing() }.admits(&Port::TASKS.protocol()));
    }
}

#[test]
fn they_end_at_their_time() {
    let scopes = Scopes { until: Some(1_000), ..Scopes::everything() };
    assert!(!scopes.have_ended(999) && scopes.have_ended(1_000));
    assert!(!Scopes::everything().have_ended(u64::MAX));
}

#[test]
fn limits_hold() {
    let many: Vec<u16> = (2_000..).take(MAX_PORTS + 1).collect();
    assert_eq!(only(&many[1..]).validate(), Ok(()));
    assert_eq!(only(&many).validate(), Err(InvalidScopes::Ports { found: 65 }));

    let pattern: Pattern = "a".parse().unwrap();
    let full = |count| Scopes { subscribe: vec![pattern.clone(); count], ..Scopes::nothing() };
    assert_eq!(full(MAX_PATTERNS).validate(), Ok(()));
    assert_eq!(full(MAX_PATTERNS + 1).validate(), Err(InvalidScopes::Patterns { found: 17 }));

    let until = |until| Scopes { until: Some(until), ..Scopes::nothing() }.validate();
    assert_eq!(until(MAX_TIME), Ok(()));
    assert_eq!(until(MAX_TIME + 1), Err(InvalidScopes::Until(MAX_TIME + 1)));
}

#[test]
fn both_serialised_forms_round_trip() {
    let topics = vec!["builds/*/done".parse().unwrap()];
    let some = Scopes { publish: topics, submit: true, until: Some(5), ..only(&[80, 1001]) };
    for scopes in [Scopes::everything(), Scopes::nothing(), some.clone()] {
        assert_eq!(wire::decode::<Scopes>(&wire::encode(&scopes).unwrap()).unwrap(), scopes);
        let json = serde_json::to_string(&scopes).unwrap();
        assert_eq!(serde_json::from_str::<Scopes>(&json).unwrap(), scopes);
    }
    assert_eq!(
        serde_json::to_string(&some).unwrap(),
        r#"{"ports":[80,1001],"publish":["builds/*/done"],"subscribe":[],"submit":true,"until":5}"#
    );
    assert!(serde_json::to_string(&Scopes::everything()).unwrap().starts_with(r#"{"ports":"all","#));
}

#[test]
fn nothing_is_left_to_be_guessed() {
    let good = r#"{"ports":[80],"publish":[],"subscribe":[],"submit":false}"#;
    assert!(serde_json::from_str::<Scopes>(good).is_ok());
    for (from, to) in [
        (r#""ports":[80],"#, ""),
        ("[80]", "[0]"),
        ("[80]", "[80,80]"),
        ("[80]", r#""All""#),
        ("[80]", "null"),
        (r#","submit":false"#, ""),
        ("false", "0"),
        (r#""publish":[]"#, r#""publish":["a//b"]"#),
    ] {
        let wrong = good.replacen(from, to, 1);
        assert!(serde_json::from_str::<Scopes>(&wrong).is_err(), "{wrong}");
    }
}
