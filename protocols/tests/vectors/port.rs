use airway_protocols::port::Port;
use serde::Serialize;

use super::support::{File, golden, refused_texts};

#[derive(Serialize)]
struct Spoken {
    port: u16,
    protocol: String,
    /// The service that holds the port, or null where users may listen.
    service: Option<&'static str>,
}

#[test]
fn ports_are_as_written() {
    let spoken = |number| {
        let port = Port::new(number).unwrap();
        Spoken { port: number, protocol: port.protocol().to_string(), service: port.service() }
    };
    let positive = [1, 7, 80, 444, 1000, 1001, 1002, 1003, 1004, 65_535].map(spoken).into();
    let negative =
        refused_texts::<Port>(&["", "0", "00", "07", "+7", "-1", " 7", "7 ", "65536", "0x7", "seven"]);
    let about = "Ports, the protocol that a stream to them negotiates, and the service that holds them on every agent; \
                 null where users may listen. Texts under negative are no ports.";
    golden("port.json", &File { about, positive, negative });
}
