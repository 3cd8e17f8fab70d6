//! Files, from disk or from memory, into Odoo, as attachments of records, in bounded memory.
//!
//! [`Attachments`] sends many files in few calls. Each leaves as base64 while it is read, so memory does not grow with files or calls.

mod attachment;
mod cut;
mod look;
mod outcome;
mod sending;
mod there;
mod window;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use attachment::Attachment;
pub use outcome::{Outcome, Refusal, Stored};

use crate::client::{Client, Context};
use crate::error::Error;
use crate::files::window::Window;
use crate::patience::Patience;

pub(crate) const MODEL: &str = "ir.attachment";

/// The largest body that Odoo takes from 17 on; 14 and 16 were seen to take more.
const BODY: u64 = 128 << 20;
/// What a body has besides the base64 of one file.
const ENVELOPE: u64 = 64 << 10;
/// The largest file that fits into one.
pub(crate) const LARGEST_FILE: u64 = (BODY - ENVELOPE) / 4 * 3;

/// Sends files to Odoo as attachments (`ir.attachment`): those on disk, and texts and other bytes in memory.
///
/// How it goes about it:
///
/// - Files are looked at before anything is sent: what is no file, cannot be read, or is larger than one call can carry is refused with its
///   reason, without a call. So is one whose record does not exist: Odoo 14 would store it all the same.
/// - What is there already, by key, or by record, name and content, is not sent again: sending the same files once more is safe,
///   and stores nothing twice. After a process that ended in the middle of a call that holds once the server cannot carry the call
///   out any more (see [`settle`](Self::settle)). Two attachments without keys that agree in record, name and content become one.
/// - A call has about 25 MB; a larger file goes alone. Files are read while they leave, so memory stays bounded. One that is not
///   any more what it was when it was looked at breaks its call off before it is complete: nothing of it is stored.
/// - A content that many records share travels once for all of them. Odoo keeps it once on its disk.
/// - Odoo 19 shrinks images of more than 1,920 pixels (measured): that is switched off. What is there afterwards is read
///   back, checksum and size, and compared.
/// - A call without an answer is looked up before anything is sent once more. Nothing is sent to Odoo at the same time.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "sandbox")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use odoo_rpc::client::{Client, Login};
/// use odoo_rpc::files::{Attachment, Attachments, Outcome};
/// use odoo_rpc::sandbox::{Like, Sandbox};
/// use odoo_rpc::wire::Struct;
///
/// # let client = Client::over(Sandbox::new(Like::Odoo19), Login::new("sandbox", "admin", "admin")).connect().await?;
/// # let scans = tempfile::tempdir()?;
/// # let scans = scans.path();
/// # std::fs::write(scans.join("17.pdf"), "%PDF-1.4")?;
/// # std::fs::write(scans.join("18.pdf"), "%PDF-1.7")?;
/// let asha = client.create("res.partner", vec![Struct::new().with("name", "Asha Rao")]).await?[0];
/// let files = [
///     Attachment::new(scans.join("17.pdf"), "X-ray 2021-03-04.pdf", "res.partner", asha),
///     Attachment::new(scans.join("18.pdf"), "Consent.pdf", "res.partner", asha),
///     Attachment::new(scans.join("19.pdf"), "Never exported.pdf", "res.partner", asha),
/// ];
/// let mut stored = 0;
/// for outcome in Attachments::new(client).send(&files).await {
///     match outcome {
///         Outcome::Stored(_) => stored += 1,
///         Outcome::Refused { place, refusal } => println!("{place}: {refusal}"),
///         Outcome::Unsent(error) | Outcome::Unknown(error) => println!("send it again: {error}"),
///         _ => {}
///     }
/// }
/// assert_eq!(stored, 2);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "sandbox"))]
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct Attachments {
    client: Client,
    keys: Option<String>,
    rows: usize,
    bytes: AtomicU64,
    body: u64,
    patience: Patience,
}

impl Attachments {
    /// Sends with that client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self {
            client: client.with_context(Context::new().with("image_no_postprocess", true)),
            keys: None,
            rows: 1000,
            bytes: AtomicU64::new(25_000_000),
            body: BODY,
            patience: Patience::default(),
        }
    }

    /// The same, with keys stored in that field of `ir.attachment`, such as `x_migration_key`, and looked up there. The field must be
    /// made first; where it is not told, keys are names in refusals and nothing more.
    #[must_use]
    pub fn keys_in(mut self, field: impl Into<String>) -> Self {
        self.keys = Some(field.into());
        self
    }

    /// The same, with at most so many files in a call; 1,000 where unset. Never less than 1.
    #[must_use]
    pub fn rows_per_call(mut self, rows: usize) -> Self {
        self.rows = rows.max(1);
        self
    }

    /// The same, with about so many bytes in a call; 25 MB where unset. A file that is larger goes alone. What turns out to be too
    /// much for a proxy before the server is halved, for this call and those after it.
    #[must_use]
    pub fn bytes_per_call(self, bytes: u64) -> Self {
        self.bytes.store(bytes.max(1), Ordering::Relaxed);
        self
    }

    /// The same, for a server that takes other bodies than of 128 MiB at most, which is Odoo's limit from 17 on (14 and 16 were seen
    /// to take 146 and 200 MiB). It decides which files are refused beforehand: a file becomes a third longer on its way.
    #[must_use]
    pub fn largest_body(mut self, bytes: u64) -> Self {
        self.body = bytes;
        self
    }

    /// The same, with another time after which a call that got no answer cannot be carried out any more; 180 s where unset. It
    /// must be longer than the server lets a call run (`limit_time_real`, 120 s where unset), or files may be stored twice.
    #[must_use]
    pub fn settle(mut self, settle: Duration) -> Self {
        self.patience = Patience::settling(settle);
        self
    }

    /// How many bytes a file may have.
    #[must_use]
    pub fn largest_file(&self) -> u64 {
        self.body.saturating_sub(ENVELOPE) / 4 * 3
    }

    /// Sends files, and gives one outcome for each, in their order.
    ///
    /// Takes a thousand at a time: one call for what is there already, one for each model whose records they hang on, those that carry
    /// them, and one to read back. After an error that is not about a single file the rest is left unsent.
    pub async fn send(&self, attachments: &[Attachment]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(attachments.len());
        let mut stopped: Option<Error> = None;
        for part in attachments.chunks(self.rows) {
            if let Some(error) = &stopped {
                outcomes.extend(part.iter().map(|_| Outcome::Unsent(error.clone())));
                continue;
            }
            let (part, stop) = Window::new(self, part).send().await;
            outcomes.extend(part);
            stopped = stop;
        }
        outcomes
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Notes that a body of so many bytes was too large.
    fn was_too_large(&self, bytes: usize) {
        // Of what was aimed at, where names made it longer than was reckoned: otherwise it would be cut again as it was.
        let half = (bytes as u64).min(self.bytes()) / 2;
        self.bytes.fetch_min(half.max(1), Ordering::Relaxed);
    }
}
