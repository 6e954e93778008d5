//! How much a test does: little on every change, all of it when asked to.
#![allow(dead_code, unreachable_pub, reason = "compiled into each test by itself, which uses a part of it")]

/// Set to `full`, the tests that come in two sizes run in the large one.
const SIZE: &str = "AIRWAY_TEST_SIZE";

/// Whether the large size is asked for.
pub fn is_full() -> bool {
    std::env::var(SIZE).is_ok_and(|size| size == "full")
}

/// One of two sizes.
pub fn size<T>(small: T, full: T) -> T {
    if is_full() { full } else { small }
}

/// A seed for what is left to chance, told so that a failure can be repeated: set `AIRWAY_TEST_SEED` to it.
#[expect(clippy::print_stderr, reason = "shown when the test fails, or with --nocapture")]
pub fn seed() -> u64 {
    let given = std::env::var("AIRWAY_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    eprintln!("AIRWAY_TEST_SEED={seed}");
    seed
}
