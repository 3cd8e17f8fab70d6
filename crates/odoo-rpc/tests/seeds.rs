//! What the fuzzer starts from, through the same checks, without the fuzzer.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are a test too")]

#[path = "../../../fuzz/check.rs"]
mod check;

use std::fs;
use std::path::Path;

use check::{check_call, check_json, check_response};
use odoo_rpc::wire::{DecodeErrorKind, Limits, decode_call, decode_json, decode_response};

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let seeds: Vec<Vec<u8>> =
        fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    assert!(!seeds.is_empty());
    seeds
}

#[test]
fn every_seed_holds_both_ways() {
    for document in seeds("decode_response").iter().chain(&seeds("decode_call")) {
        check_response(document);
        check_call(document);
    }
}

#[test]
fn every_seed_cut_or_broken_at_any_byte_holds() {
    for document in seeds("decode_response").iter().chain(&seeds("decode_call")) {
        for at in 0..document.len() {
            check_response(&document[..at]);
            check_call(&document[..at]);
            let mut broken = document.clone();
            broken[at] ^= 0x10;
            check_response(&broken);
            check_call(&broken);
        }
    }
}

#[test]
fn the_seeds_reach_every_kind_of_answer() {
    let answers: Vec<_> = seeds("decode_response")
        .iter()
        .map(|document| decode_response(document, &Limits::default()))
        .collect();
    let refused = |kind| answers.iter().any(|answer| matches!(answer, Err(error) if error.kind() == kind));
    assert!(answers.iter().any(|answer| matches!(answer, Ok(Ok(_)))));
    assert!(answers.iter().any(|answer| matches!(answer, Ok(Err(_)))));
    for kind in [
        DecodeErrorKind::NotXml,
        DecodeErrorKind::Truncated,
        DecodeErrorKind::Doctype,
        DecodeErrorKind::Encoding,
        DecodeErrorKind::Character,
        DecodeErrorKind::TooDeep,
    ] {
        assert!(refused(kind), "{kind}");
    }
    assert!(seeds("decode_call").iter().any(|document| decode_call(document, &Limits::default()).is_ok()));
}

#[test]
fn every_seed_of_json_holds_whole_cut_or_broken() {
    for document in seeds("decode_json") {
        check_json(&document);
        for at in 0..document.len() {
            check_json(&document[..at]);
            let mut broken = document.clone();
            broken[at] ^= 0x10;
            check_json(&broken);
        }
    }
}

#[test]
fn the_seeds_of_json_reach_every_kind_of_answer() {
    let seeds = seeds("decode_json");
    let answers: Vec<_> = seeds.iter().map(|document| decode_json(document, &Limits::default())).collect();
    assert!(answers.iter().filter(|answer| answer.is_ok()).count() > 5);
    for kind in [
        DecodeErrorKind::NotJson,
        DecodeErrorKind::Truncated,
        DecodeErrorKind::MalformedJson,
        DecodeErrorKind::Encoding,
        DecodeErrorKind::TooDeep,
    ] {
        assert!(answers.iter().any(|answer| matches!(answer, Err(error) if error.kind() == kind)), "{kind}");
    }
}
