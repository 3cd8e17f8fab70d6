//! How fast a file leaves as base64: read from disk (from the system's cache, that is) into the pieces of a body, with its SHA-1
//! checked on the way and without. A call to a real Odoo takes files at about 20 to 60 MB a second: this should be far from it.
#![allow(clippy::expect_used, reason = "what cannot run cannot be measured")]
#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::io::Write as _;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures::StreamExt as _;
use odoo_rpc::transport::Body;
use odoo_rpc::wire::{File, Value, encode_call_document};
use sha1::{Digest as _, Sha1};

const SIZE: usize = 24 << 20;

fn streaming(criterion: &mut Criterion) {
    let content: Vec<u8> = (0..SIZE).map(|at| (at.wrapping_mul(0x9E37_79B9) >> 16) as u8).collect();
    let mut on_disk = tempfile::NamedTempFile::new().expect("a file");
    on_disk.write_all(&content).expect("written");
    let plain = File::new(on_disk.path(), SIZE as u64);
    let checked = plain.clone().with_sha1(Sha1::digest(&content).into());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");

    let mut group = criterion.benchmark_group("streaming");
    group.throughput(Throughput::Bytes(SIZE as u64));
    group.sample_size(20);
    for (name, file) in [("file", plain), ("file_checked", checked)] {
        let body = Body::from(encode_call_document("create", &[Value::from(file)]).expect("writable"));
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(runtime.block_on(through(body.clone())), body.len()));
        });
    }
    group.finish();
}

/// How many bytes come.
async fn through(body: Body) -> usize {
    let mut pieces = body.stream();
    let mut length = 0;
    while let Some(piece) = pieces.next().await {
        length += piece.expect("a piece").len();
    }
    length
}

criterion_group!(benches, streaming);
criterion_main!(benches);
