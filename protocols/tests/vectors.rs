//! Golden vectors: what goes over the wire and what people copy, byte for byte, for every implementation to read.
//!
//! Each file in `vectors/` holds positive cases (inputs and what they give) and negative ones (an input that has to be
//! refused, and why). The positive ones are made here from inputs that stand in the code, and compared with the files.
//! After an intended change of format, write them anew:
//!
//! ```text
//! AIRWAY_WRITE_VECTORS=1 cargo test -p airway-protocols --test vectors
//! ```
#![expect(clippy::unwrap_used, reason = "a vector that cannot be made is a failed test")]

mod vectors {
    mod address;
    mod card;
    mod cbor;
    mod data;
    mod endpoint;
    mod envelope;
    mod events;
    mod files;
    mod frame;
    mod mesh;
    mod name;
    mod perf;
    mod polo;
    mod port;
    mod support;
    mod tasks;
    mod trust;
}
