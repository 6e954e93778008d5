use std::path::PathBuf;

use airway_protocols::{
    card::Card,
    certificate::{Certificate, Grant},
    invite::{Invite, InviteDraft, InviteId},
    network::{Genesis, Policy, Realm, Roles},
};
use libp2p::identity::Keypair;

use super::*;

const PEER: &str = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
/// What Kubo's documentation shows.
const SWARM_KEY: &str = "/key/swarm/psk/1.0.0/\n/base16/\n\
                         6189c5cf0b87fb800c1a9feeda73c6ab5e998db48fb9e6a978575c770ceef683\n";

/// A file with the key of a network, in a directory that goes away with it.
fn swarm_key() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("swarm.key");
    fs::write(&path, SWARM_KEY).unwrap();
    (dir, path)
}

/// The settings of `text` with that key.
fn private(text: &str) -> Result<Config, Error> {
    let (_dir, path) = swarm_key();
    load(text, &[], Overrides { swarm_key: Some(path), ..Overrides::default() })
}

/// An invite of a network of its own.
fn invite() -> Invite {
    let key = (0..).map(|_| Keypair::generate_ed25519()).find(|key| Card::sign(key, 9, 0, None, &[]).is_ok());
    let key = key.unwrap();
    let public = key.public().try_into_ed25519().unwrap();
    let genesis = Genesis::new("lab".parse().unwrap(), &public, 9, Policy::default(), 1, [3; 16]).unwrap();
    let grant = Grant {
        member: public,
        nonce: 0,
        name: None,
        roles: Roles { inviter: true, ..Roles::default() },
        not_before: 1,
        expires: 1000,
        serial: [4; 16],
    };
    let certificate = Certificate::sign(&Realm::of(&genesis), &key, None, grant).unwrap();
    let card = Card::sign(&key, 9, 0, None, &[]).unwrap();
    let draft = InviteDraft {
        genesis: &genesis,
        card: &card,
        certificate: &certificate,
        id: InviteId::from_bytes([5; 16]),
        secret: [0xAB; 16],
        expires: 1000,
        roles: Roles::default(),
        reusable: false,
        ephemeral: false,
        bootstraps: &[],
    };
    Invite::sign(&key, draft).unwrap()
}

/// The value shown for a setting.
fn shown(config: &Config, key: &str) -> serde_json::Value {
    config.settings().into_iter().find(|setting| setting.key == key).unwrap().value
}

#[test]
fn visibility_dht_and_bootstraps_are_read() {
    let host = format!("/ip4/192.0.2.1/udp/4001/quic-v1/p2p/{PEER}");
    let config =
        from_file(&format!("visibility = 'public'\ndht = 'client'\nbootstrap = ['{host}']")).unwrap();
    assert_eq!((config.visibility, config.dht), (Some(Visibility::Public), DhtMode::Client));
    assert_eq!(config.bootstrap[0].peer.to_string(), PEER);
    assert_eq!(shown(&config, "visibility"), "public");
    assert_eq!(shown(&config, "dht"), "client");
    assert_eq!(shown(&config, "bootstrap"), serde_json::json!([host]));

    let config = from_file("").unwrap();
    assert_eq!((config.visibility, config.dht), (None, DhtMode::Auto));
    assert_eq!((shown(&config, "visibility"), shown(&config, "dht")), (().into(), "auto".into()));
}

#[test]
fn what_cannot_be_chosen_is_refused_with_what_can() {
    for (bad, expected) in [
        ("visibility = 'open'", "expected hidden, listed or public"),
        ("dht = 'on'", "expected auto, off, client or server"),
        ("log.format = 'xml'", "expected text or json"),
        ("bootstrap = ['/ip4/192.0.2.1/tcp/1']", "or the card of the host"),
        ("swarm_key = '/nonexistent/swarm.key'", "expected a file that can be read: No such file"),
    ] {
        let message = from_file(bad).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    let nine: Vec<_> =
        (0..9).map(|_| format!("/ip4/192.0.2.1/tcp/1/p2p/{}", libp2p::PeerId::random())).collect();
    assert!(from_file(&format!("bootstrap = {nine:?}")).unwrap_err().to_string().contains("at most 8"));
}

#[test]
fn who_is_to_be_found_takes_part_in_the_dht() {
    for visibility in ["listed", "public"] {
        let error = from_file(&format!("dht = 'off'\nvisibility = '{visibility}'")).unwrap_err();
        assert!(error.to_string().ends_with(":2: visibility does not go together with dht"), "{error}");
        assert!(error.hint().unwrap().contains("client"));
    }
    from_file("dht = 'off'\nvisibility = 'hidden'").unwrap();
    from_file("dht = 'off'").unwrap();
}

#[test]
fn who_serves_the_dht_answers_strangers() {
    let error = from_file("stealth = true\ndht = 'server'").unwrap_err();
    assert!(error.to_string().ends_with(":1: stealth does not go together with dht"), "{error}");
    from_file("stealth = true\ndht = 'client'").unwrap();
}

#[test]
fn with_a_swarm_key_all_is_tcp() {
    let config = private("dht_prefix = '/ipfs'").unwrap();
    assert_eq!(texts(&config.listen), ["/ip4/0.0.0.0/tcp/0", "/ip6/::/tcp/0"]);
    let key = config.swarm_key.as_ref().unwrap();
    assert_eq!(key.bytes()[..4], [0x61, 0x89, 0xC5, 0xCF]);
    assert_eq!(shown(&config, "swarm_key"), key.path().display().to_string());
    assert_eq!(shown(&config, "dht_prefix"), "/ipfs");
    for text in [
        config.settings().into_iter().map(|setting| setting.value.to_string()).collect(),
        format!("{config:?}"),
    ] {
        assert!(!text.contains("6189c5") && !text.contains("97, 137"), "{text}");
    }

    let (quic, tcp) = ("/ip4/192.0.2.1/udp/1/quic-v1", "/ip4/192.0.2.1/tcp/1");
    for (key, suffix) in [("listen", ""), ("announce", ""), ("relays", "/p2p/"), ("bootstrap", "/p2p/")] {
        let id = if suffix.is_empty() { "" } else { PEER };
        let error = private(&format!("{key} = ['{quic}{suffix}{id}']")).unwrap_err();
        let message = error.to_string();
        assert!(message.ends_with(&format!(":1: {key} does not go together with swarm_key")), "{message}");
        assert!(error.hint().unwrap().contains("TCP alone"));
        private(&format!("{key} = ['{tcp}{suffix}{id}']")).unwrap();
    }
    // A card has addresses of both kinds.
    let both = private(&format!("relays = ['{quic}/p2p/{PEER}', '{tcp}/p2p/{PEER}']")).unwrap();
    assert_eq!(texts(&both.relays[0].addresses), [tcp]);
}

#[test]
fn the_path_of_a_swarm_key_leads_from_the_file_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(&path, "swarm_key = 'swarm.key'").unwrap();
    fs::write(dir.path().join("swarm.key"), SWARM_KEY).unwrap();
    let config = Config::load(&path, |_| None, Overrides::default()).unwrap();
    assert_eq!(config.swarm_key.unwrap().path(), dir.path().join("swarm.key"));
}

#[test]
fn a_foreign_dht_needs_a_swarm_key_and_a_prefix_that_is_one() {
    let error = from_file("dht_prefix = '/ipfs'").unwrap_err();
    assert!(error.to_string().ends_with(":1: dht_prefix needs swarm_key"), "{error}");
    assert!(error.hint().is_some());
    for bad in ["", "ipfs", "/", "/ipfs/", "//", "/a b", "/ü"] {
        assert!(matches!(private(&format!("dht_prefix = '{bad}'")), Err(Error::Invalid { .. })), "{bad}");
    }
    let long = format!("/{}", "a".repeat(64));
    assert!(private(&format!("dht_prefix = '{long}'")).is_err());
    for good in ["/ipfs", "/ipfs/lan", "/my-net_1.0"] {
        private(&format!("dht_prefix = '{good}'")).unwrap();
    }
}

#[test]
fn an_invite_comes_by_flag_or_environment_and_is_not_shown() {
    let text = invite().to_string();
    let config = load("", &[("AIRWAY_INVITE", &format!(" {text}\n"))], Overrides::default()).unwrap();
    assert_eq!(config.invite.as_ref().unwrap().to_string(), text);
    assert_eq!(
        (config.origin("invite"), shown(&config, "invite")),
        (Origin::Env, invite().id().to_string().into())
    );
    let printed = format!("{config:?}");
    assert!(!printed.contains(&text) && !printed.contains("171, 171"), "{printed}");

    let flags = || Overrides { invite: Some(text.clone()), ..Overrides::default() };
    assert_eq!(load("", &[], flags()).unwrap().origin("invite"), Origin::Flag);
    assert!(from_file(&format!("invite = '{text}'")).is_err(), "a file stays, and an invite is used once");

    let (_dir, path) = swarm_key();
    let both = Overrides { swarm_key: Some(path), ..flags() };
    let error = load("", &[], both).unwrap_err();
    assert_eq!(error.to_string(), "--invite: invite does not go together with swarm_key");
    assert!(error.hint().unwrap().contains("--home"));
}

#[test]
fn what_is_wrong_with_an_invite_is_said_without_showing_it() {
    let mut altered = invite().to_string();
    altered.pop();
    for (bad, why) in [(altered.as_str(), "truncated or altered"), ("airway:CiQ", "that is a contact card")] {
        let error = load("", &[("AIRWAY_INVITE", bad)], Overrides::default()).unwrap_err().to_string();
        assert!(error.starts_with("AIRWAY_INVITE: ") && error.contains(why), "{error}");
        assert!(!error.contains(bad), "{error}");
    }
}
