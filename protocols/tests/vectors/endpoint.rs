use airway_protocols::address::Endpoint;
use serde::Serialize;

use super::support::{File, golden, refused_texts};

#[derive(Serialize)]
struct Parsed {
    text: &'static str,
    address: String,
    fingerprint: Option<String>,
    port: Option<u16>,
    canonical: String,
}

fn parsed(text: &'static str) -> Parsed {
    let endpoint: Endpoint = text.parse().unwrap();
    Parsed {
        text,
        address: endpoint.address.to_string(),
        fingerprint: endpoint.fingerprint.map(|fingerprint| fingerprint.to_string()),
        port: endpoint.port.map(|port| port.number()),
        canonical: endpoint.to_string(),
    }
}

#[test]
fn endpoints_are_as_written() {
    let positive = [
        "0:0000.EB19.D348",
        "0:0000.EB19.D348:7",
        "0:0000.EB19.D348#foc5k3hjvu2rpbac",
        "0:0000.EB19.D348#foc5k3hjvu2rpbac:7",
        "0:0000.eb19.d348#FOC5K3HJVU2RPBAC:65535",
        "65535:ffff.FFFF.ffFF:1",
    ];
    let negative = refused_texts::<Endpoint>(&[
        "",
        "7",
        "0:0000.EB19.D348#",
        "0:0000.EB19.D348#foc5k3hjvu2rpba",
        "0:0000.EB19.D348#foc5k3hjvu2rpbacc",
        "0:0000.EB19.D348#foc5k3hjvu2rpba1",
        "0:0000.EB19.D348#foc5k3hjvu2rpba=",
        "0:0000.EB19.D348#foc5k3hjvu2rpbac#foc5k3hjvu2rpbac",
        "0:0000.EB19.D348:",
        "0:0000.EB19.D348:0",
        "0:0000.EB19.D348:07",
        "0:0000.EB19.D348:+7",
        "0:0000.EB19.D348:65536",
        "0:0000.EB19.D348:7:8",
        "0:0000.EB19.D348:7 ",
        "0:0000.EB19.D348:7#foc5k3hjvu2rpbac",
        "1:0000.EB19.D348:7",
    ]);
    golden(
        "endpoint.json",
        &File {
            about: "An address with an optional fingerprint and port, what it parses to, and how it is written. Texts \
                    under negative are no endpoints.",
            positive: positive.map(parsed).into(),
            negative,
        },
    );
}
