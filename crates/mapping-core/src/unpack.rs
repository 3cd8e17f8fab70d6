//! Zip archives, unpacked into a folder of their own.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempDir};
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use crate::error::{Error, Result, Retry};

/// How deep folders may lie in folders.
const DEEPEST: usize = 32;
/// How long the name of a file or folder may be, in bytes: what common file systems take.
const LONGEST_NAME: usize = 255;
/// Below this a file, and an archive, may be packed as tightly as it likes: blank tables and pictures are.
const SMALL: u64 = 64 << 20;

/// What an archive may come to. An archive that comes to more is refused as a whole.
///
/// # Example
///
/// ```
/// use mapping_core::unpack::UnpackLimits;
///
/// let limits = UnpackLimits::default().bytes(1 << 30);
/// assert_eq!((limits.bytes, limits.files), (1 << 30, 1_000_000));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnpackLimits {
    /// How many files and folders; 1,000,000 where it is not set.
    pub files: usize,
    /// How many bytes all files may have together, unpacked; 64 GiB where it is not set.
    pub bytes: u64,
    /// How many times larger than in the archive a file above 64 MiB may be, and than the archive all of them above 64 MiB; 200 where it
    /// is not set. Text is packed to a tenth, and nothing that people write to a hundredth.
    pub ratio: u64,
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self { files: 1_000_000, bytes: 64 << 30, ratio: 200 }
    }
}

impl UnpackLimits {
    /// The same, with so many files and folders at most.
    #[must_use]
    pub fn files(mut self, files: usize) -> Self {
        self.files = files;
        self
    }

    /// The same, with so many bytes at most.
    #[must_use]
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// The same, with files above 64 MiB at most so many times larger than in the archive.
    #[must_use]
    pub fn ratio(mut self, ratio: u64) -> Self {
        self.ratio = ratio;
        self
    }
}

/// A folder with what was in an archive. It is deleted with this value, and nobody but its owner can read it.
///
/// - No file lies outside of the folder, whatever its name in the archive: names that climb, absolute ones and links are refused.
/// - No archive fills the disk: [`UnpackLimits`] hold for what comes out of it, whatever it says of itself.
/// - Names may be in any script. What macOS adds for itself (`__MACOSX`, `.DS_Store`) is left out.
///
/// # Example
///
/// ```
/// use std::io::Write;
///
/// use mapping_core::unpack::{UnpackLimits, Unpacked};
///
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("export.zip");
/// let mut zip = zip::ZipWriter::new(std::fs::File::create(&path)?);
/// zip.start_file("Clinic/Patients.csv", zip::write::SimpleFileOptions::default())?;
/// zip.write_all(b"Patient ID,Name\nP-1,Asha Rao\n")?;
/// zip.finish()?;
///
/// let unpacked = Unpacked::new(&path, &UnpackLimits::default())?;
/// assert!(unpacked.root().join("Patients.csv").is_file());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Unpacked {
    dir: TempDir,
    root: PathBuf,
}

impl Unpacked {
    /// Unpacks an archive into a new folder among the system's temporary ones.
    ///
    /// # Errors
    ///
    /// It is no zip archive, or a damaged one; it is protected by a password; a name in it is unsafe or there twice; it comes to more
    /// than the limits; there is no room. Entries are told by their number, since their names may be patients'.
    pub fn new(archive: impl AsRef<Path>, limits: &UnpackLimits) -> Result<Self> {
        let dir = private_folder().tempdir().map_err(no_room)?;
        Self::unpack(archive.as_ref(), limits, dir)
    }

    /// Unpacks an archive into a new folder inside of `parent`: where the system's temporary folder is too small.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn within(
        parent: impl AsRef<Path>,
        archive: impl AsRef<Path>,
        limits: &UnpackLimits,
    ) -> Result<Self> {
        let dir = private_folder().tempdir_in(parent).map_err(no_room)?;
        Self::unpack(archive.as_ref(), limits, dir)
    }

    /// Where the files are. Where the archive holds one folder and nothing beside it, that folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn unpack(archive: &Path, limits: &UnpackLimits, dir: TempDir) -> Result<Self> {
        let name = archive.file_name().unwrap_or(archive.as_os_str()).to_string_lossy().into_owned();
        let told = |error: Error| error.at("archive", &name);
        let file = File::open(archive).map_err(|cause| {
            told(Error::config("the archive cannot be opened; see that it is there").because(cause))
        })?;
        let size = file.metadata().map_err(|cause| told(no_room(cause)))?.len();
        let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| told(damaged(error)))?;
        if zip.len() > limits.files {
            let message = format!("the archive holds {} files, more than {}", zip.len(), limits.files);
            return Err(told(Error::config(message)));
        }
        if zip.has_duplicate_names() {
            return Err(told(Error::invalid(
                "the archive holds a file twice; unpack it and give the folder",
            )));
        }
        // The entries of a bomb may all lie in the same bytes.
        let left = size.saturating_mul(limits.ratio).max(SMALL).min(limits.bytes);
        let mut unpacking = Unpacking { dir: dir.path(), limits, left };
        for at in 0..zip.len() {
            let one = zip.by_index(at).map_err(damaged).and_then(|entry| unpacking.take(entry));
            one.map_err(|error| told(error.at("entry", at + 1)))?;
        }
        let root = only_folder(dir.path()).map_err(|cause| told(no_room(cause)))?;
        Ok(Self { dir, root })
    }

    /// Keeps the folder after this value is gone, and answers where it is.
    #[must_use]
    pub fn keep(self) -> PathBuf {
        drop(self.dir.keep());
        self.root
    }
}

/// The path that a foreign name is inside of a folder, with either slash; none where it leads elsewhere: where it climbs, is absolute or a
/// drive's, holds control characters, or goes deeper or is longer than file systems take. A name of nothing but slashes and points is an
/// empty path.
///
/// # Example
///
/// ```
/// use mapping_core::unpack::path_inside;
///
/// assert_eq!(path_inside("scans\\17.pdf"), Some(["scans", "17.pdf"].iter().collect()));
/// assert_eq!(path_inside("../secret.txt"), None);
/// ```
#[must_use]
pub fn path_inside(name: &str) -> Option<PathBuf> {
    // Windows programs write backslashes.
    let parts: Vec<&str> = name.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")).collect();
    let climbs = parts.contains(&"..");
    let drive = |part: &&str| matches!(part.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    let absolute = name.starts_with(['/', '\\']) || parts.first().is_some_and(drive);
    let odd = parts.iter().any(|part| part.len() > LONGEST_NAME || part.contains(char::is_control));
    (!climbs && !absolute && !odd && parts.len() <= DEEPEST).then(|| parts.iter().collect())
}

/// An archive on its way.
struct Unpacking<'a> {
    dir: &'a Path,
    limits: &'a UnpackLimits,
    /// How many bytes all entries from here on may come to.
    left: u64,
}

impl Unpacking<'_> {
    fn take<R: Read>(&mut self, mut entry: ZipFile<'_, R>) -> Result<()> {
        let name = name(&entry)?;
        let Some(path) = inside(&name)? else { return Ok(()) };
        if entry.is_symlink() {
            return Err(Error::invalid("the entry is a link to another file; put the file itself in"));
        }
        let target = self.dir.join(&path);
        if entry.is_dir() {
            return fs::create_dir_all(&target).map_err(in_the_way);
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(in_the_way)?;
        }
        let most = entry.compressed_size().saturating_mul(self.limits.ratio).max(SMALL).min(self.left);
        let mut file = private(&target).map_err(in_the_way)?;
        let written = copy(&mut entry, &mut file, most)?;
        self.left -= written;
        Ok(())
    }
}

/// Copies what an entry holds, and never more than `most`: what it says of itself may be wrong.
fn copy(entry: &mut impl Read, file: &mut File, most: u64) -> Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    let mut written = 0;
    loop {
        let count = match entry.read(&mut buffer) {
            Ok(0) => return file.flush().map(|()| written).map_err(no_room),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(damaged(ZipError::Io(error))),
        };
        written += count as u64;
        if written > most {
            return Err(Error::invalid(
                "the entry comes to more than an export may; unpack the archive and give the folder",
            ));
        }
        file.write_all(buffer.get(..count).unwrap_or_default()).map_err(no_room)?;
    }
}

/// An entry's name. Many programs write UTF-8 without saying so.
fn name<R: Read>(entry: &ZipFile<'_, R>) -> Result<String> {
    match std::str::from_utf8(entry.name_raw()) {
        Ok(name) => Ok(name.to_owned()),
        Err(_) => entry.name().map(std::borrow::Cow::into_owned).map_err(damaged),
    }
}

/// The path inside the folder, if it is one; none for what holds no data.
fn inside(name: &str) -> Result<Option<PathBuf>> {
    let path = path_inside(name).ok_or_else(|| {
        Error::invalid("the entry's name leads elsewhere; unpack the archive and give the folder")
    })?;
    let of_macos = path.starts_with("__MACOSX") || path.ends_with(".DS_Store");
    Ok((!path.as_os_str().is_empty() && !of_macos).then_some(path))
}

/// The folder, or the one folder in it that is all it holds, however deep.
fn only_folder(dir: &Path) -> io::Result<PathBuf> {
    let mut root = dir.to_owned();
    loop {
        let mut entries = fs::read_dir(&root)?;
        match (entries.next().transpose()?, entries.next()) {
            (Some(only), None) if only.file_type()?.is_dir() => root = only.path(),
            _ => return Ok(root),
        }
    }
}

fn private_folder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix("unpacked-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn damaged(error: ZipError) -> Error {
    match &error {
        ZipError::UnsupportedArchive(reason) if *reason == ZipError::PASSWORD_REQUIRED => {
            Error::config("the archive is protected by a password; unpack it and give the folder")
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            Error::config("the archive is packed in a way that is not known; unpack it and give the folder")
                .because(error)
        }
        _ => Error::invalid("the file is no zip archive, or a damaged one; export it again").because(error),
    }
}

/// Two names in an archive may be one to the file system: in other case or composition, or a file and a folder.
fn in_the_way(cause: io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => {
            Error::invalid("the archive holds something else under this name; unpack it and give the folder")
        }
        _ => no_room(cause),
    }
}

fn no_room(cause: io::Error) -> Error {
    let message =
        "the archive cannot be unpacked here; see that there is room, or unpack it and give the folder";
    Error::unavailable(message, Retry::Safe).because(cause)
}

#[cfg(test)]
mod tests {
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;
    use crate::error::ErrorKind;

    /// Puts other bytes of the same length wherever those stand.
    fn patch(path: &Path, old: &[u8], new: &[u8]) {
        let mut bytes = fs::read(path).unwrap();
        let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(old)).collect();
        places.iter().for_each(|at| bytes[*at..*at + new.len()].copy_from_slice(new));
        fs::write(path, bytes).unwrap();
    }

    /// Sets the flags of all entries, in their own headers and in the directory.
    fn set_flags(path: &Path, flags: u16) {
        let mut bytes = fs::read(path).unwrap();
        for at in 0..bytes.len() {
            let place = match &bytes[at..] {
                [b'P', b'K', 3, 4, ..] => at + 6,
                [b'P', b'K', 1, 2, ..] => at + 8,
                _ => continue,
            };
            bytes[place..place + 2].copy_from_slice(&flags.to_le_bytes());
        }
        fs::write(path, bytes).unwrap();
    }

    /// An archive of those entries, and its folder.
    fn archive(entries: &[(&str, &[u8])]) -> (TempDir, PathBuf) {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("export.zip");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        for (name, bytes) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        (dir, path)
    }

    fn unpack(entries: &[(&str, &[u8])]) -> Result<Unpacked> {
        let (_dir, path) = archive(entries);
        Unpacked::new(path, &UnpackLimits::default())
    }

    #[test]
    fn files_of_any_script_come_out_as_they_were_and_go_with_the_value() {
        let unpacked = unpack(&[
            ("Export/Patients.csv", b"Patient ID\nP-1\n"),
            ("Export/files/\u{906}\u{936}\u{93e} \u{930}\u{93e}\u{935}.pdf", b"%PDF"),
            ("Export\\files\\scan.png", b"png"),
            ("__MACOSX/Export/._Patients.csv", b"x"),
            ("Export/.DS_Store", b"x"),
        ])
        .unwrap();
        let root = unpacked.root().to_owned();
        assert_eq!(fs::read(root.join("Patients.csv")).unwrap(), b"Patient ID\nP-1\n");
        let mut files: Vec<_> =
            fs::read_dir(root.join("files")).unwrap().map(|file| file.unwrap().file_name()).collect();
        files.sort();
        assert_eq!(files, ["scan.png", "\u{906}\u{936}\u{93e} \u{930}\u{93e}\u{935}.pdf"]);
        drop(unpacked);
        assert!(!root.exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_what_came_out() {
        use std::os::unix::fs::PermissionsExt;
        let unpacked = unpack(&[("Patients.csv", b"x"), ("Staff.csv", b"x")]).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(unpacked.root()), 0o700);
        assert_eq!(mode(&unpacked.root().join("Staff.csv")), 0o600);
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let long = "n".repeat(LONGEST_NAME + 1);
        for name in [
            "../x",
            "a/../../x",
            "/etc/x",
            "\\x",
            "C:\\x",
            "c:x",
            "D:/x",
            "a\\..\\..\\x",
            "a\u{0}b",
            "a\nb",
            &long,
        ] {
            let error = unpack(&[("Patients.csv", b"x"), (name, b"Canary")]).unwrap_err();
            assert!(error.message().contains("leads elsewhere"), "{name}: {error}");
            assert_eq!((error.place("entry"), error.place("archive")), (Some("2"), Some("export.zip")));
        }
    }

    #[test]
    fn links_and_doubles_are_refused() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("export.zip");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        zip.add_symlink("passwords.csv", "/etc/passwd", SimpleFileOptions::default()).unwrap();
        zip.finish().unwrap();
        let error = Unpacked::new(&path, &UnpackLimits::default()).unwrap_err();
        assert!(error.message().contains("link"), "{error}");

        for double in ["./Patients.csv", "Patients.csv/x", "/./Patients.csv"] {
            let error = unpack(&[("Patients.csv", b"x"), (double, b"y")]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid, "{double}: {error}");
        }
        let (_dir, path) = archive(&[("Patients.csv", b"x"), ("PatientZ.csv", b"y")]);
        patch(&path, b"PatientZ", b"Patients");
        let error = Unpacked::new(&path, &UnpackLimits::default()).unwrap_err();
        assert!(error.message().contains("twice"), "{error}");
    }

    #[test]
    fn a_name_may_say_that_it_is_utf_8_or_not() {
        let name = "files/\u{906}\u{936}\u{93e}.pdf";
        let (_dir, path) = archive(&[("Patients.csv", b"x"), (name, b"%PDF")]);
        for flags in [1_u16 << 11, 0] {
            set_flags(&path, flags);
            let unpacked = Unpacked::new(&path, &UnpackLimits::default()).unwrap();
            assert!(unpacked.root().join(name).is_file(), "{flags}");
        }
        // An older program's name is read by its code page.
        let (_dir, path) = archive(&[("Patients.csv", b"x"), ("Ren\u{e9}e.pdf", b"%PDF")]);
        set_flags(&path, 0);
        patch(&path, "\u{e9}e".as_bytes(), &[0x82, b'e', b'e']);
        let unpacked = Unpacked::new(&path, &UnpackLimits::default()).unwrap();
        assert!(unpacked.root().join("Ren\u{e9}ee.pdf").is_file());
    }

    #[test]
    fn a_password_is_told() {
        let (_dir, path) = archive(&[("Patients.csv", b"x")]);
        set_flags(&path, 1);
        let error = Unpacked::new(&path, &UnpackLimits::default()).unwrap_err();
        assert!(error.message().contains("password"), "{error}");
    }

    #[test]
    fn nothing_stays_of_an_archive_that_is_refused() {
        let parent = TempDir::new().unwrap();
        let (_dir, path) = archive(&[("Patients.csv", b"x"), ("../x", b"y")]);
        assert!(Unpacked::within(parent.path(), &path, &UnpackLimits::default()).is_err());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
        let (_dir, path) = archive(&[("Clinic/Patients.csv", b"x")]);
        let kept = Unpacked::within(parent.path(), &path, &UnpackLimits::default()).unwrap().keep();
        assert_eq!(fs::read(kept.join("Patients.csv")).unwrap(), b"x");
    }

    #[test]
    fn an_archive_that_comes_to_more_than_it_may_is_refused() {
        let (_dir, path) = archive(&[("a", &[0; 4000]), ("b", &[0; 4000]), ("c", b"")]);
        let limited = |limits: UnpackLimits| Unpacked::new(&path, &limits).map(|_| ());
        assert!(limited(UnpackLimits::default().bytes(8000).files(3)).is_ok());
        let error = limited(UnpackLimits::default().bytes(7999)).unwrap_err();
        assert_eq!((error.place("entry"), error.message().contains("more")), (Some("2"), true), "{error}");
        assert!(limited(UnpackLimits::default().files(2)).is_err());

        // A bomb: 80 MiB of zeros in some 80 kB.
        let zeros = vec![0; 80 << 20];
        let (_dir, path) = archive(&[("Patients.csv", &zeros)]);
        assert!(Unpacked::new(&path, &UnpackLimits::default()).is_err());
        assert!(Unpacked::new(&path, &UnpackLimits::default().ratio(2000)).is_ok());
        // In many small files.
        let many: Vec<String> = (0..80).map(|file| file.to_string()).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (&**name, &zeros[..1 << 20])).collect();
        let (_dir, path) = archive(&many);
        let error = Unpacked::new(&path, &UnpackLimits::default()).unwrap_err();
        assert_eq!((error.place("entry"), error.message().contains("more")), (Some("65"), true), "{error}");
    }

    #[test]
    fn what_is_damaged_is_told() {
        let (_dir, path) = archive(&[("Patients.csv", &[7; 4000])]);
        let bytes = fs::read(&path).unwrap();
        for cut in [0, 10, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&path, &bytes[..cut]).unwrap();
            let error = Unpacked::new(&path, &UnpackLimits::default()).unwrap_err();
            assert!(error.message().contains("damaged"), "{error}");
        }
        let mut wrong = bytes.clone();
        wrong[45] ^= 0xFF;
        fs::write(&path, &wrong).unwrap();
        assert!(Unpacked::new(&path, &UnpackLimits::default()).is_err(), "its checksum does not hold");
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        zip.start_file("Patients.csv", stored).unwrap();
        zip.write_all(b"x").unwrap();
        zip.finish().unwrap();
        assert!(Unpacked::new(&path, &UnpackLimits::default()).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn any_name_is_inside_or_refused(name in "(?s).{0,40}|([a.]{0,3}[/\\\\:]){0,6}") {
            if let Ok(Some(path)) = inside(&name) {
                proptest::prop_assert!(path.components().all(|part| matches!(part, std::path::Component::Normal(_))));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, at: usize, byte: u8) {
            let (_dir, path) = archive(&[("Patients.csv", &bytes), ("files/a", b"x")]);
            let mut all = fs::read(&path).unwrap();
            let at = at % all.len();
            all[at] = byte;
            fs::write(&path, &all).unwrap();
            drop(Unpacked::new(&path, &UnpackLimits::default()));
        }
    }
}
