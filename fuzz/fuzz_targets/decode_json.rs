//! Any bytes as JSON.
#![no_main]

#[allow(dead_code)]
#[path = "../check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|document: &[u8]| check::check_json(document));
