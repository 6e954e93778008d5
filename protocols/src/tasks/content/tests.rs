use data_encoding::HEXLOWER;

use super::*;
use crate::wire;

fn file(name: &str, size: u64) -> Content {
    let digest = files::Digest::of(b"");
    Content::File(Attachment { id: MessageId::new(), name: name.into(), size, digest })
}

#[test]
fn both_forms_round_trip() {
    for content in [Content::Inline { data: vec![0, 255] }, file("report.pdf", 7)] {
        let bytes = wire::encode(&content).unwrap();
        assert_eq!(wire::decode::<Content>(&bytes).unwrap(), content);
    }
    assert_eq!(
        wire::encode(&Content::Inline { data: vec![1] }).unwrap(),
        b"\xA1\x66inline\xA1\x64data\x41\x01"
    );
    for other in [&b"\xA0"[..], b"\xA1\x66inline\x41\x01", b"\xA1\x65other\xA0"] {
        assert!(wire::decode::<Content>(other).is_err());
    }
}

#[test]
fn a_file_is_called_as_files_are() {
    assert_eq!(file("a.txt", 1).validate(), Ok(()));
    for name in ["", "..", "../x", "/etc/passwd", "a\\b", ".bashrc", "a\u{202e}b"] {
        assert!(matches!(file(name, 1).validate(), Err(Invalid::File(files::Invalid::Name(_)))), "{name}");
    }
    assert!(matches!(file("a", u64::MAX).validate(), Err(Invalid::File(files::Invalid::Size { .. }))));
}

#[test]
fn what_is_too_large_is_a_file() {
    assert_eq!(Content::Inline { data: vec![0; MAX_INLINE] }.validate(), Ok(()));
    let size = MAX_INLINE + 1;
    assert_eq!(Content::Inline { data: vec![0; size] }.validate(), Err(Invalid::Inline { size }));
}

#[test]
fn a_digest_is_of_the_bytes_of_the_wire() {
    let digest = Sha256::digest(b"airway-output-v1\0\xA1\x66inline\xA1\x64data\x42hi");
    assert_eq!(HEXLOWER.encode(&Content::Inline { data: b"hi".to_vec() }.digest()), HEXLOWER.encode(&digest));
}
