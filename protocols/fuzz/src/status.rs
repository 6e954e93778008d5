//! The first byte of every stream from its responder: the one input of the behaviours that is bytes.

use std::io;

use airway_protocols::streams::{Refusal, Status};

/// Reads each byte as a status.
pub fn byte(bytes: &[u8]) {
    for byte in bytes {
        let status = Status::from_byte(*byte);
        assert!(status.is_none_or(|status| status as u8 == *byte), "one status in two forms");
        let refusal = Refusal::of_byte(*byte);
        assert_eq!(refusal.is_none(), status == Some(Status::Ok), "a stream is taken by ok alone");
        assert_eq!(refusal == Some(Refusal::Unknown(*byte)), status.is_none());
        if let Some(refusal) = refusal {
            assert_eq!(
                Refusal::of(&io::Error::from(refusal)),
                Some(refusal),
                "lost on the way to the opener"
            );
        }
    }
}
