//! How fast documents are read and written: a thousand partners of 24 fields, as Odoo answers a `search_read`.
//!
//! `events` is the XML parser alone over the same bytes, the floor for anything built on it: `decode` should stay within twice
//! of it. Compare within one run; the machine's noise is in both. `beside` then prints ours beside dxr and CPython.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "what cannot run cannot be measured")]
#![allow(missing_docs, reason = "criterion's macro makes a public function")]

#[path = "codec/beside.rs"]
mod beside;

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use odoo_rpc::wire::{
    Limits, decode_call, decode_json, decode_response, encode_call, encode_json, encode_response,
};
use quick_xml::Reader;
use quick_xml::events::Event;

const PARTNERS: usize = 1_000;

fn codec(criterion: &mut Criterion) {
    let document = search_read();
    let limits = Limits::default();
    let partners = decode_response(document.as_bytes(), &limits).expect("readable").expect("no fault");
    assert_eq!(partners.as_array().map(|partners| partners.len()), Some(PARTNERS));

    let mut group = criterion.benchmark_group("reading");
    group.throughput(Throughput::Bytes(document.len() as u64));
    group.bench_function("events", |bencher| bencher.iter(|| events(black_box(&document))));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| decode_response(black_box(document.as_bytes()), &limits));
    });
    group.bench_function("decode_without_drop", |bencher| {
        bencher.iter_with_large_drop(|| decode_response(black_box(document.as_bytes()), &limits));
    });
    group.finish();

    let json = encode_json(&partners).expect("writable");
    assert_eq!(decode_json(&json, &limits).as_ref(), Ok(&partners));
    let mut group = criterion.benchmark_group("json");
    group.throughput(Throughput::Bytes(json.len() as u64));
    group.bench_function("decode", |bencher| bencher.iter(|| decode_json(black_box(&json), &limits)));
    group.bench_function("encode", |bencher| bencher.iter(|| encode_json(black_box(&partners))));
    group.finish();

    let params = [partners];
    let call = encode_call("create", &params).expect("writable");
    assert!(decode_call(&call, &limits).is_ok());
    let mut group = criterion.benchmark_group("writing");
    group.throughput(Throughput::Bytes(call.len() as u64));
    group.bench_function("encode", |bencher| bencher.iter(|| encode_response(black_box(&params[0]))));
    group.finish();

    beside::print(&document, &params[0]);
}

/// The parser's own work, and nothing kept.
fn events(document: &str) -> usize {
    let mut reader = Reader::from_str(document);
    let mut bytes = 0;
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Eof => return bytes,
            event => bytes += event.len(),
        }
    }
}

/// The reply with line ends between its elements, as CPython writes it.
fn search_read() -> String {
    let mut reply =
        String::from("<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>\n");
    for number in 0..PARTNERS {
        partner(&mut reply, number).expect("memory takes text");
    }
    reply.push_str("</data></array></value>\n</param>\n</params>\n</methodResponse>\n");
    reply
}

fn partner(reply: &mut String, number: usize) -> std::fmt::Result {
    reply.push_str("<value><struct>\n");
    let fields = [
        ("id", format!("<int>{number}</int>")),
        ("name", format!("<string>Asha Rao {number}</string>")),
        ("display_name", format!("<string>Rao &amp; Sons, Asha Rao {number}</string>")),
        ("ref", format!("<string>PULSE-{number:06}</string>")),
        ("email", format!("<string>asha.rao.{number}@example.org</string>")),
        ("phone", format!("<string>+91 80 5550 {number:04}</string>")),
        ("mobile", "<boolean>0</boolean>".into()),
        ("street", "<string>12 Mahatma Gandhi Road</string>".into()),
        ("street2", "<boolean>0</boolean>".into()),
        ("city", "<string>Bengaluru</string>".into()),
        ("zip", "<string>560001</string>".into()),
        ("country_id", many2one(104, "India")),
        ("state_id", many2one(593, "Karnataka (IN)")),
        ("parent_id", "<boolean>0</boolean>".into()),
        ("user_id", many2one(2, "Administrator")),
        ("category_id", ids(&[3, 7, 12])),
        ("is_company", "<boolean>0</boolean>".into()),
        ("active", "<boolean>1</boolean>".into()),
        ("lang", "<string>en_US</string>".into()),
        (
            "comment",
            "<string>&lt;p&gt;Allergic to penicillin, see the letter of 2019&lt;/p&gt;</string>".into(),
        ),
        ("partner_latitude", "<double>12.9716</double>".into()),
        ("x_born_on", "<string>1984-02-29</string>".into()),
        ("create_date", "<string>2024-01-31 10:20:30</string>".into()),
        ("write_date", "<string>2024-02-01 08:00:00</string>".into()),
    ];
    for (name, value) in fields {
        write!(reply, "<member>\n<name>{name}</name>\n<value>{value}</value>\n</member>\n")?;
    }
    reply.push_str("</struct></value>\n");
    Ok(())
}

fn many2one(id: u32, name: &str) -> String {
    format!(
        "<array><data>\n<value><int>{id}</int></value>\n<value><string>{name}</string></value>\n</data></array>"
    )
}

fn ids(ids: &[u32]) -> String {
    let values: String = ids.iter().map(|id| format!("<value><int>{id}</int></value>\n")).collect();
    format!("<array><data>\n{values}</data></array>")
}

criterion_group!(benches, codec);
criterion_main!(benches);
