mod finding;
mod work;

use std::fs;

use super::*;

/// Loads a file with this `text`, these variables and `flags`.
fn load(text: &str, vars: &[(&str, &str)], flags: Overrides) -> Result<Config, Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(&path, text).unwrap();
    let env = |name: &str| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Config::load(&path, env, flags)
}

fn from_file(text: &str) -> Result<Config, Error> {
    load(text, &[], Overrides::default())
}

fn texts(addresses: &[Multiaddr]) -> Vec<String> {
    addresses.iter().map(ToString::to_string).collect()
}

#[test]
fn without_a_file_all_settings_have_their_defaults() {
    let config = Config::load(Path::new("/nonexistent/config.toml"), |_| None, Overrides::default()).unwrap();
    assert_eq!(
        texts(&config.listen),
        ["/ip4/0.0.0.0/udp/0/quic-v1", "/ip6/::/udp/0/quic-v1", "/ip4/0.0.0.0/tcp/0", "/ip6/::/tcp/0"]
    );
    assert_eq!(config.limits.inbox_bytes, 256 << 20);
    let settings = config.settings();
    assert_eq!(settings.len(), 25);
    assert!(settings.iter().all(|setting| setting.origin == Origin::Default));
}

#[test]
fn later_sources_override_earlier_ones_setting_by_setting() {
    let text = "name = 'file'\nlisten = ['/ip4/127.0.0.1/tcp/1']\n[log]\nformat = 'json'\nfilter = 'warn'";
    let vars = [
        ("AIRWAY_NAME", "env"),
        ("AIRWAY_LISTEN", "/ip4/127.0.0.1/tcp/2, /ip4/127.0.0.1/tcp/3"),
        ("AIRWAY_LOG", ""),
    ];
    let flags = Overrides { name: Some("flag".into()), ..Overrides::default() };
    let config = load(text, &vars, flags).unwrap();
    assert_eq!(config.name.as_deref(), Some("flag"));
    assert_eq!(texts(&config.listen), ["/ip4/127.0.0.1/tcp/2", "/ip4/127.0.0.1/tcp/3"]);
    assert_eq!(config.log, Log { filter: "warn".into(), format: LogFormat::Json });
    let origins: Vec<_> = config.settings().into_iter().map(|setting| setting.origin).collect();
    use Origin::{Default, Env, File, Flag};
    let mut expected = [Default; 25];
    (expected[0], expected[1], expected[17], expected[18]) = (Flag, Env, File, File);
    assert_eq!(origins, expected);
}

#[test]
fn settings_are_shown_with_value_and_origin() {
    let setting = from_file("[limits]\nconnections = 3").unwrap().settings().remove(23);
    let json = serde_json::to_string(&setting).unwrap();
    assert_eq!(json, r#"{"key":"limits.connections","value":3,"origin":"file"}"#);
}

#[test]
fn an_unknown_key_is_an_error_that_names_key_file_and_line() {
    let error = from_file("name = 'a'\n\nlisten_on = []").unwrap_err();
    let message = error.to_string();
    assert!(message.contains("config.toml:3: "), "{message}");
    assert!(message.contains("`listen_on`"), "{message}");
    let message = from_file("[limits]\ninbox = 3").unwrap_err().to_string();
    assert!(message.contains("config.toml:2: ") && message.contains("`inbox`"), "{message}");
}

#[test]
fn text_that_is_no_toml_and_a_wrong_type_name_the_line() {
    for text in ["\nname = ", "\nname = 3", "\nlimits.connections = -1"] {
        let message = from_file(text).unwrap_err().to_string();
        assert!(message.contains("config.toml:2: "), "{message}");
    }
}

#[test]
fn a_bad_address_names_its_place() {
    let error = from_file("name = 'a'\nlisten = ['/ip4/0.0.0.0/tcp/1',\n'nonsense']").unwrap_err();
    let message = error.to_string();
    assert!(message.contains("config.toml:2: bad value \"nonsense\" for listen: expected "), "{message}");

    let error = load("", &[("AIRWAY_LISTEN", "/ip4/1.2.3.4")], Overrides::default()).unwrap_err();
    assert!(error.to_string().starts_with("AIRWAY_LISTEN: bad value"), "{error}");
    assert_eq!(error.hint().unwrap(), "correct or unset AIRWAY_LISTEN");
}

#[test]
fn only_the_transports_of_a_node_are_listened_on() {
    for bad in [
        "/ip4/0.0.0.0/udp/1",
        "/ip4/0.0.0.0/tcp/1/ws",
        "/dns4/a.example/tcp/1",
        "/memory/1",
        "/ip4/0.0.0.0/udp/1/quic",
    ] {
        assert!(from_file(&format!("listen = ['{bad}']")).is_err(), "{bad}");
    }
}

#[test]
fn only_what_others_can_dial_is_announced() {
    for bad in ["/ip4/0.0.0.0/tcp/1", "/ip4/192.0.2.1/tcp/0", "/ip6/::/udp/1/quic-v1"] {
        assert!(from_file(&format!("announce = ['{bad}']")).is_err(), "{bad}");
    }
    from_file("announce = ['/dns4/a.example/udp/1/quic-v1', '/ip6/2001:db8::1/tcp/1']").unwrap();
}

#[test]
fn limits_that_stop_the_node_are_refused() {
    for bad in [
        "inbox_bytes = 0",
        "files_bytes = 0",
        "outbox_bytes = 0",
        "connections = 0",
        "kept_connections = 0",
        "connections = 5_000_000_000",
    ] {
        let error = from_file(&format!("[limits]\n{bad}")).unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{bad}: {error}");
    }
}

#[test]
fn no_more_connections_are_kept_than_allowed() {
    assert_eq!(from_file("limits.connections = 10").unwrap().limits.kept_connections, 10);
    assert!(from_file("limits.connections = 10\nlimits.kept_connections = 11").is_err());
}

#[test]
fn bad_text_settings_are_refused_even_if_overridden() {
    for bad in
        ["name = ''", "name = ' a'", "name = \"a\\nb\"", "log.filter = 'airway=loud'", "log.format = 'xml'"]
    {
        let flags = Overrides { name: Some("good".into()), ..Overrides::default() };
        assert!(load(bad, &[], flags).is_err(), "{bad}");
    }
}

#[test]
fn relays_stealth_and_networks_are_read() {
    let relay = "/ip4/192.0.2.1/tcp/4001/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
    let text = format!("relays = ['{relay}']\nstealth = true\nexpect = ['192.0.2.0/24', '2001:db8::1']");
    let config = from_file(&text).unwrap();
    assert_eq!((config.relays.len(), config.stealth, config.relay_server), (1, true, false));
    assert_eq!(
        config.expect.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["192.0.2.0/24", "2001:db8::1/128"]
    );
    let shown: Vec<_> = config.settings().into_iter().map(|setting| setting.value.to_string()).collect();
    assert_eq!(shown[3], format!("[\"{relay}\"]"));
    let message = from_file("expect = ['192.0.2.0/33']").unwrap_err().to_string();
    assert!(message.contains("192.0.2.0/33") && message.contains("expected a network"), "{message}");
}

#[test]
fn a_relay_server_has_room_for_its_clients() {
    assert_eq!(from_file("relay_server = true").unwrap().limits.connections, RELAY_CONNECTIONS);
    assert_eq!(from_file("relay_server = true\nlimits.connections = 9").unwrap().limits.connections, 9);
}

#[test]
fn stealth_and_a_relay_server_do_not_go_together() {
    let flags = Overrides { stealth: Some(true), ..Overrides::default() };
    let error = load("relay_server = true", &[], flags).unwrap_err();
    assert_eq!(error.to_string(), "--stealth: stealth does not go together with relay_server");
    assert!(error.hint().unwrap().contains("--home"));
    let flags = Overrides { stealth: Some(false), ..Overrides::default() };
    load("relay_server = true\nstealth = true", &[], flags.clone()).unwrap();
    assert!(
        load("stealth = true", &[], flags).is_ok_and(|config| !config.stealth),
        "the flag has the last word"
    );
}
