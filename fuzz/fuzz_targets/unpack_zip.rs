//! Any bytes as an archive: nothing lies outside of its folder, nothing stays, and it comes to no more than it may.
#![no_main]

use std::fs;
use std::path::Path;

use mapping_core::unpack::{UnpackLimits, Unpacked};

const MOST: u64 = 1 << 20;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let dir = tempfile::tempdir().expect("a folder");
    let (archive, parent) = (dir.path().join("export.zip"), dir.path().join("parent"));
    fs::write(&archive, bytes).expect("a file");
    fs::create_dir(&parent).expect("a folder");
    let limits = UnpackLimits::default().files(200).bytes(MOST);
    if let Ok(unpacked) = Unpacked::within(&parent, &archive, &limits) {
        assert!(unpacked.root().starts_with(&parent) && size(unpacked.root()) <= MOST, "too much, or elsewhere");
        assert_eq!(entries(&parent), 1, "beside the folder");
    }
    assert_eq!(entries(&parent), 0, "something stays");
    assert_eq!(entries(dir.path()), 2, "outside of the folder");
});

fn entries(dir: &Path) -> usize {
    fs::read_dir(dir).expect("a folder").count()
}

fn size(dir: &Path) -> u64 {
    let mut bytes = 0;
    for entry in fs::read_dir(dir).expect("a folder") {
        let entry = entry.expect("an entry");
        let known = fs::symlink_metadata(entry.path()).expect("an entry");
        assert!(!known.is_symlink(), "a link");
        bytes += if known.is_dir() { size(&entry.path()) } else { known.len() };
    }
    bytes
}
