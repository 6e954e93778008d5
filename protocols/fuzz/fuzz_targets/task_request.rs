#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| airway_protocols_fuzz::tasks::request(bytes));
