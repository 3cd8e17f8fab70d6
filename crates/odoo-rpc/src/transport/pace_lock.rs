//! The lock file through which the programs of one machine keep a common pace.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::{Instant, sleep};

use crate::transport::address::Address;

/// How often a lock that another program holds is asked for.
const POLL: Duration = Duration::from_millis(10);
/// After how long it is said that somebody else holds it.
const LONG: Duration = Duration::from_secs(5);
/// The longest content a pace file can have: 20 digits.
const DIGITS: u64 = 20;

/// A lock that is one for all programs on this machine which use the same server and database.
///
/// It is a pair of small files, named after a hash of address and database. One holds the time of the last call's
/// start; its lock (the operating system's, so a killed program leaves nothing behind) is held during a call. The other is the
/// queue: whoever wants a turn holds its lock while waiting, so that a program which calls without pause cannot
/// shut the others out. Among several waiting programs the order is not kept: each asks again every 10 milliseconds.
///
/// The files lie in one folder that all users of the machine may write, like `/tmp`. Any of them can hold a lock and so keep the
/// others waiting, but make no one write elsewhere: links are not followed, and a file that does not look like a pace file is
/// left alone. Where the folder for temporary files is each user's own (macOS, Windows, a service with a private `/tmp`), the
/// pace is common to that user's programs alone; give all of them one folder to change that.
///
/// # Example
///
/// ```
/// use odoo_rpc::transport::{Address, PaceLock};
///
/// let address = Address::parse("https://clinic.example.org", false)?;
/// let lock = PaceLock::new(PaceLock::default_dir(), &address, "clinic");
/// assert_eq!(lock.path().extension().and_then(|e| e.to_str()), Some("pace"));
/// # Ok::<(), odoo_rpc::transport::AddressError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PaceLock {
    dir: PathBuf,
    pace: PathBuf,
    queue: PathBuf,
}

impl PaceLock {
    /// The lock for a database on a server. Touches no file yet.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, address: &Address, database: &str) -> Self {
        let dir = dir.into();
        let hash = blake3::Hasher::new()
            .update(address.origin().as_bytes())
            .update(b"\n")
            .update(database.as_bytes())
            .finalize()
            .to_hex();
        let name = &hash.as_str()[..32];
        Self { pace: dir.join(format!("{name}.pace")), queue: dir.join(format!("{name}.queue")), dir }
    }

    /// The folder that is used unless another one is named: `odoo-rpc-pace` among the temporary files.
    #[must_use]
    pub fn default_dir() -> PathBuf {
        std::env::temp_dir().join("odoo-rpc-pace")
    }

    /// The file that holds the time of the last start.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.pace
    }

    /// Checks that the files can be made and opened, without waiting for a turn.
    ///
    /// # Errors
    ///
    /// They cannot, with the path and what to do.
    pub fn check(&self) -> io::Result<()> {
        self.open(&self.queue).and_then(|_| self.open(&self.pace)).map(drop).map_err(|e| self.explain(&e))
    }

    /// Waits for the turn; it ends when the value is dropped.
    pub(crate) async fn acquire(&self) -> io::Result<Held> {
        let queue = self.lock(&self.queue).await.map_err(|e| self.explain(&e))?;
        let file = self.lock(&self.pace).await.map_err(|e| self.explain(&e))?;
        drop(queue);
        Held::new(file).map_err(|e| self.explain(&e))
    }

    /// Now, as exactly as the file tells time.
    pub(crate) fn now() -> SystemTime {
        Self::rounded(SystemTime::now())
    }

    /// A time, as exactly as the file tells it; up, so that a pause never becomes shorter.
    pub(crate) fn rounded(time: SystemTime) -> SystemTime {
        from_millis(to_millis(time))
    }

    async fn lock(&self, path: &Path) -> io::Result<File> {
        let since = Instant::now();
        let mut told = false;
        let mut file = self.open(path)?;
        loop {
            match file.try_lock() {
                // A cleaner of temporary files may have removed it meanwhile: then others lock a new one.
                Ok(()) if is_at(&file, path) => return Ok(file),
                Ok(()) => file = self.open(path)?,
                Err(TryLockError::WouldBlock) => {
                    if !told && since.elapsed() > LONG {
                        told = true;
                        tracing::info!(target: "odoo_rpc", lock = %self.pace.display(), "waiting for another program that calls the same database");
                    }
                    sleep(POLL).await;
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// Opens without following links, and without `O_CREAT` on what exists: Linux refuses that in a sticky folder to all
    /// but the file's owner (`fs.protected_regular`).
    fn open(&self, path: &Path) -> io::Result<File> {
        self.make_dir()?;
        // Again where another program makes or removes the file between the two steps.
        for _ in 0..8 {
            match fs::symlink_metadata(path) {
                Ok(found) if !found.is_file() => return Err(strange("is not a plain file")),
                Ok(_) => match OpenOptions::new().read(true).write(true).open(path) {
                    Ok(file) if is_at(&file, path) => return Ok(file),
                    Ok(_) => {}
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                    Err(e) => return Err(e),
                },
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    match OpenOptions::new().read(true).write(true).create_new(true).open(path) {
                        Ok(file) => {
                            open_to_all(&file)?;
                            return Ok(file);
                        }
                        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                        Err(e) => return Err(e),
                    }
                }
                Err(e) => return Err(e),
            }
        }
        Err(strange("changes while it is opened"))
    }

    fn make_dir(&self) -> io::Result<()> {
        match fs::symlink_metadata(&self.dir) {
            Ok(found) if found.is_dir() => Ok(()),
            // The user's own choice may be a link; the common folder must not be one.
            Ok(_) if self.dir != Self::default_dir() && self.dir.is_dir() => Ok(()),
            Ok(_) => Err(strange("is not a folder")),
            Err(e) if e.kind() == io::ErrorKind::NotFound => match fs::create_dir(&self.dir) {
                Ok(()) if self.dir == Self::default_dir() => share(&self.dir),
                Ok(()) => Ok(()),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                Err(e) => Err(e),
            },
            Err(e) => Err(e),
        }
    }

    fn explain(&self, error: &io::Error) -> io::Error {
        let reason = format!(
            "the lock file {} that keeps the common pace cannot be used ({error}): make it readable and writable, or name another \
             folder for lock files, the same for every program that uses this database",
            self.pace.display()
        );
        io::Error::new(error.kind(), reason)
    }
}

/// A turn. The lock goes with it.
#[derive(Debug)]
pub(crate) struct Held {
    file: File,
    last: Option<SystemTime>,
}

impl Held {
    fn new(mut file: File) -> io::Result<Self> {
        let mut text = String::new();
        (&mut file).take(DIGITS + 1).read_to_string(&mut text)?;
        let ours = text.len() as u64 <= DIGITS && text.bytes().all(|b| b.is_ascii_digit());
        if !ours {
            return Err(strange("holds something else than a time"));
        }
        let last = text.parse().ok().map(from_millis);
        Ok(Self { file, last })
    }

    /// When the last call started, as far as anybody knows.
    pub(crate) fn last_start(&self) -> Option<SystemTime> {
        self.last
    }

    /// Notes the start of a call for whoever comes next.
    pub(crate) fn set_last_start(&mut self, time: SystemTime) -> io::Result<()> {
        // Fixed width, written in one piece over the old one: no moment at which half a number is there.
        let text = format!("{:020}", to_millis(time));
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(text.as_bytes())?;
        self.last = Some(time);
        Ok(())
    }
}

fn to_millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

fn from_millis(millis: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(millis)).unwrap_or(UNIX_EPOCH)
}

fn strange(what: &str) -> io::Error {
    io::Error::other(format!("it {what}"))
}

/// Whether `path` still names the opened file, and nothing else does.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(opened), Ok(named)) => named.is_file() && is_same(&opened, &named),
        _ => false,
    }
}

#[cfg(unix)]
fn is_same(opened: &Metadata, named: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    opened.dev() == named.dev() && opened.ino() == named.ino() && opened.nlink() == 1
}

#[cfg(not(unix))]
fn is_same(_opened: &Metadata, _named: &Metadata) -> bool {
    true
}

/// A folder for all users in which nobody can remove another one's file.
#[cfg(unix)]
fn share(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o1777))
}

#[cfg(not(unix))]
fn share(_dir: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn open_to_all(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn open_to_all(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(dir: &Path) -> PaceLock {
        PaceLock::new(dir, &Address::parse("https://clinic.example.org", false).unwrap(), "clinic")
    }

    #[test]
    fn each_database_of_each_server_has_its_own_file() {
        let at = |url, database| {
            let lock = PaceLock::new("/x", &Address::parse(url, false).unwrap(), database);
            lock.path().to_owned()
        };
        let one = at("https://a.example.org", "clinic");
        assert_eq!(one, at("HTTPS://A.example.org:443/", "clinic"));
        assert_ne!(one, at("https://b.example.org", "clinic"));
        assert_ne!(one, at("https://a.example.org", "other"));
        assert!(!one.to_string_lossy().contains("clinic"));
    }

    #[tokio::test(start_paused = true)]
    async fn one_holds_the_turn_and_leaves_its_time() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (lock(dir.path()), lock(dir.path()));
        let mut held = one.acquire().await.unwrap();
        assert_eq!(held.last_start(), None);
        assert!(tokio::time::timeout(LONG * 2, other.acquire()).await.is_err());
        let now = PaceLock::now();
        held.set_last_start(now).unwrap();
        drop(held);
        assert_eq!(other.acquire().await.unwrap().last_start(), Some(now));
    }

    #[tokio::test]
    async fn what_is_no_pace_file_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let lock = lock(dir.path());
        for content in ["a letter", "123456789012345678901", "-5"] {
            fs::write(lock.path(), content).unwrap();
            assert!(lock.acquire().await.is_err());
            assert_eq!(fs::read_to_string(lock.path()).unwrap(), content);
        }
        fs::remove_file(lock.path()).unwrap();
        fs::create_dir(lock.path()).unwrap();
        assert!(lock.check().is_err());
    }

    #[tokio::test]
    async fn a_file_that_is_removed_meanwhile_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let lock = lock(dir.path());
        let held = lock.acquire().await.unwrap();
        fs::remove_file(lock.path()).unwrap();
        let again = lock.acquire().await.unwrap();
        assert!(is_at(&again.file, lock.path()) && !is_at(&held.file, lock.path()));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let lock = lock(dir.path());
        let victim = dir.path().join("victim");
        fs::write(&victim, "").unwrap();
        std::os::unix::fs::symlink(&victim, lock.path()).unwrap();
        assert!(lock.acquire().await.is_err());
        fs::remove_file(lock.path()).unwrap();
        fs::hard_link(&victim, lock.path()).unwrap();
        assert!(lock.acquire().await.is_err());
        assert_eq!(fs::read(&victim).unwrap(), b"");
    }

    #[cfg(unix)]
    #[test]
    fn files_are_for_all_users_of_the_folder() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let lock = lock(&dir.path().join("pace"));
        lock.check().unwrap();
        assert_eq!(fs::metadata(lock.path()).unwrap().permissions().mode() & 0o777, 0o666);
    }
}
