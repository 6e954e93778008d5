use airway_protocols::wire;
use futures::{executor::block_on, io::Cursor};
use serde::Serialize;

use super::support::{File, golden, hex, why};

#[derive(Serialize)]
struct Framed {
    max: usize,
    body: String,
    bytes: String,
}

#[derive(Serialize)]
struct Refused {
    max: usize,
    bytes: String,
    why: String,
}

fn framed((max, length): (usize, usize)) -> Framed {
    let body: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
    let bytes = wire::frame(&body, max).unwrap();
    let read = block_on(wire::read_frame(&mut Cursor::new(&bytes), max)).unwrap();
    assert_eq!(read.as_ref(), Some(&body));
    Framed { max, body: hex(body), bytes: hex(bytes) }
}

fn refused((max, bytes): (usize, &[u8])) -> Refused {
    let error = block_on(wire::read_frame(&mut Cursor::new(bytes), max)).unwrap_err();
    Refused { max, bytes: hex(bytes), why: why(&error) }
}

#[test]
fn frames_are_as_written() {
    let positive = [(4096, 0), (4096, 1), (4096, 127), (4096, 128), (300, 300)].map(framed).into();
    let negative: [(usize, &[u8]); 10] = [
        (4096, &[0x80]),
        (4096, &[0x02, 0xAA]),
        (4096, &[0x80, 0x01, 0xAA]),
        (4096, &[0x80, 0x00]),
        (4096, &[0x81, 0x00, 0xAA]),
        (4096, &[0x81, 0x80, 0x00, 0xAA]),
        (4096, &[0x81, 0x20]),
        (1, &[0x02, 0xAA, 0xAA]),
        (4096, &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        (4096, &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
    ];
    let negative = negative.map(refused).into();
    let about = "A body, the frame around it, and the cap of the protocol in bytes. Streams that begin with the bytes \
                 under negative, and end there, are refused under the cap given.";
    golden("frame.json", &File { about, positive, negative });
}
