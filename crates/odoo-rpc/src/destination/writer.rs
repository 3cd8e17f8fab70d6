//! The writer, and its settings.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use mapping_core::error::Result;
use mapping_core::name::ModelName;
use tokio::time::Instant;

use crate::accounting::{Ledger, Setup};
use crate::client::Client;
use crate::destination::bills;
use crate::destination::call::Kind;
use crate::destination::error::core;
use crate::destination::known::Known;
use crate::destination::model::{ATTRIBUTES, Model};
use crate::destination::pace::{OLD_TARGET, Pace, TARGET};
use crate::destination::quiet;
use crate::destination::states::States;
use crate::error::Error;
use crate::patience::Patience;
use crate::reason::Reason;

/// Writes rows to Odoo: many in a call, quietly, each with its identity; bad rows are cut out, lost calls looked up.
///
/// How it goes about it:
///
/// - Rows of one model go in lists, as long as the server is quick with them. Odoo creates a list or refuses it as a whole; then its
///   `load` is asked which rows are bad and why, which keeps nothing, and the others are written: two or three calls more. What it does
///   not see is found by halving. What can be checked here never costs a call.
/// - A call without an answer may have been carried out, or may be under way still: the server goes on when a client is gone
///   (measured on 14 and 19). Its rows are looked up by identity, again and again until [`settle`](Self::settle) is over, and
///   only then sent once more.
/// - The identity stands in the field `x_migration_key` of each record, in the same `create`.
/// - Mails, notifications and tracking are off. An activity's user still follows its document afterwards; that cannot be
///   switched off (measured on 14 and 19).
/// - Rows that would change other people's records are made harmless or refused: a lead with another e-mail or phone than its
///   contact's, a contact that would share its address with its family. What decides that is read beforehand, in one call or two
///   for a list in which such a row stands. Messages are created in the order of their dates.
/// - Rows of `account.move` are bills: they are posted with their payments, as told at [`accounting`](Self::accounting).
///
/// # Example
///
/// ```
/// # async fn run(client: odoo_rpc::client::Client) {
/// use std::time::Duration;
///
/// use odoo_rpc::destination::OdooWriter;
///
/// let odoo = OdooWriter::new(client).target_time(Duration::from_secs(3)).settle(Duration::from_secs(180));
/// # }
/// ```
pub struct OdooWriter {
    pub(crate) client: Client,
    /// The same without the context of all other calls: what a bill is made of must not be looked for among what is archived.
    pub(crate) plain: Client,
    pub(crate) accounting: Setup,
    /// The ledger that the last bills went through, unless one of its calls got no answer.
    pub(crate) books: tokio::sync::Mutex<Option<Ledger>>,
    pub(crate) patience: Patience,
    /// How many rows a call may have at most, how many its first one has, and how long it is to take.
    most: usize,
    first: usize,
    pub(crate) target: Duration,
    paces: Mutex<HashMap<(Kind, ModelName), Pace>>,
    /// How many calls may be under way at a time.
    pub(crate) parallel: usize,
    pub(crate) states: OnceLock<States>,
    /// Held by all that writes records, and by schema work alone.
    pub(crate) turn: tokio::sync::RwLock<()>,
    /// How many rows may be refused one by one before the run stops for a person to look.
    pub(crate) refusals: usize,
    bytes: AtomicUsize,
    /// When the last call that makes records ended or was given up.
    sent: Mutex<Option<Instant>>,
    address: String,
    pub(crate) known: Known,
}

impl OdooWriter {
    /// A writer of that client's user.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let target = if client.version().at_least(16, 0) { TARGET } else { OLD_TARGET };
        let address = match client.origin() {
            Some(origin) => format!("{origin} database {}", client.database()),
            None => format!("odoo {}", client.database()),
        };
        Self {
            client: client.with_context(quiet::context()),
            plain: client,
            accounting: bills::setup(),
            books: tokio::sync::Mutex::default(),
            patience: Patience::default(),
            most: 2000,
            first: 100,
            target,
            paces: Mutex::default(),
            parallel: 1,
            states: OnceLock::new(),
            turn: tokio::sync::RwLock::default(),
            refusals: 60,
            bytes: AtomicUsize::new(8 << 20),
            sent: Mutex::default(),
            address,
            known: Known::default(),
        }
    }

    /// The same, with at most so many rows in a call, however quick it is; 2,000 where unset, never less than 1. More brings nothing:
    /// 10,000 contacts take longer a row than 1,000 do (measured on 19).
    #[must_use]
    pub fn rows_per_call(mut self, rows: usize) -> Self {
        self.most = rows.max(1);
        self
    }

    /// The same, with so many rows in the first call that makes records of a model; 100 where unset. Those after it have as many as the
    /// [`target_time`](Self::target_time) allows.
    #[must_use]
    pub fn rows_at_first(mut self, rows: usize) -> Self {
        self.first = rows.max(1);
        self
    }

    /// The same, with calls that are to take the server about so long; 1.5 s where unset, 12 s before Odoo 16.
    ///
    /// At one call a second a shorter call leaves a part of its second unused; a longer one saves no more than what a call costs by
    /// itself (some 0.03 s), and rows cost more the more of them are in a call (measured on 19). Only an old server, which takes
    /// long for each row, needs longer calls so that there are not too many: six hundred activities take Odoo 14 twelve seconds (measured).
    #[must_use]
    pub fn target_time(mut self, time: Duration) -> Self {
        self.target = time.max(Duration::from_millis(10));
        self
    }

    /// The same, with up to so many calls that write records under way at a time; 1 where unset. Only for a server of one's own that runs
    /// several workers, and with a client that lets so many through
    /// ([`ClientBuilder::parallel`](crate::client::ClientBuilder::parallel)): a threaded one gains nothing, and a hosted one does not
    /// allow it. Four workers on two cores took 1,243 contacts a second, and one 466 (measured on 19).
    ///
    /// No two calls touch the same contact, lead, document or journal. What is made of a schema is made alone.
    #[must_use]
    pub fn parallel(mut self, calls: usize) -> Self {
        self.parallel = calls.max(1);
        self
    }

    /// The same, with at most about so many bytes in a call; 8 MiB where unset. Odoo's limit is 128 MiB, a proxy's may be 1 MiB: what
    /// turns out to be too much is halved, for this call and those after it.
    #[must_use]
    pub fn bytes_per_call(mut self, bytes: usize) -> Self {
        self.bytes = AtomicUsize::new(bytes.max(1));
        self
    }

    /// The same, stopping after so many rows of one call were refused by the server; 60 where unset. Where so many are refused,
    /// most often all are, for one reason that a person can mend.
    ///
    /// Where rows are undone, what is refused for a reason of the record's own is not counted: that others link to a contact by now
    /// says nothing of the next one. There it stops for failures inside the server.
    #[must_use]
    pub fn refusals_per_call(mut self, rows: usize) -> Self {
        self.refusals = rows.max(1);
        self
    }

    /// The same, with another time after which a call that got no answer cannot be carried out any more; 180 s where unset. It
    /// must be longer than the server lets a call run (`limit_time_real`, 120 s where unset), or records may be made twice.
    #[must_use]
    pub fn settle(mut self, settle: Duration) -> Self {
        self.patience = Patience::settling(settle);
        self
    }

    /// The same, with bills posted so: into which journals, for which company, how many in a call.
    ///
    /// Where unset, bills go into the journal `OLD` and payments into `OLDP`, both the migration's own: they are made with the first
    /// bill, and removed again when the last one is undone. So the clinic's next bill has the number that it would have had. The field of
    /// the keys, and how long a call without an answer is waited for, are always the writer's; bills go one call at a time however many
    /// [`parallel`](Self::parallel) allows, since each takes its journal's next number.
    ///
    #[doc = include_str!("bills/contract.md")]
    #[must_use]
    pub fn accounting(mut self, setup: Setup) -> Self {
        self.accounting = setup;
        self
    }

    /// Whether rows of `account.move` can be written: Odoo's accounting is installed and has journals
    /// ([`Ledger::is_possible`]). Two calls. For a program that chooses its mapping before the run.
    ///
    /// # Errors
    ///
    /// A call failed, or the user may not read journals.
    pub async fn has_accounting(&self) -> Result<bool> {
        Ledger::is_possible(&self.plain).await.map_err(core)
    }

    /// The same, under another address: what a journal is bound to. Server and database where unset; the database's name alone where
    /// the client does not know its [server](Client::origin).
    #[must_use]
    pub fn address_as(mut self, address: impl Into<String>) -> Self {
        self.address = address.into();
        self
    }

    /// The client it writes with.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn known_address(&self) -> String {
        self.address.clone()
    }

    /// How much the rows of a call may weigh: about as many bytes as it may have.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Notes that rows of that weight were too much for a call. It is not told by the call's own bytes: a file weighs less than it has.
    pub(crate) fn was_too_large(&self, weight: usize) {
        self.bytes.fetch_min((weight / 2).max(1), Ordering::Relaxed);
    }

    /// What is known of how quick calls of that kind to that model are.
    pub(crate) fn with_pace<R>(&self, kind: Kind, model: &ModelName, with: impl FnOnce(&mut Pace) -> R) -> R {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        // A row of these costs little, or is known to: 1,000 different changes take 19 a third of a second, 14 fourteen to forty
        // milliseconds each (measured).
        let first = match kind {
            Kind::Create => self.first,
            Kind::SaveMany => 500,
            Kind::Write | Kind::Same => 1000,
            Kind::LoadMany => 250,
        };
        let new = || Pace::new(first, self.most, self.target);
        with(paces.entry((kind, model.clone())).or_insert_with(new))
    }

    /// Held while a call that makes records is under way.
    pub(crate) fn sending(&self) -> Sending<'_> {
        Sending(self)
    }

    /// How long a call that was made before now may still be carried out. Where this writer made none it was another process, which
    /// is gone now: that is all that is known of it.
    pub(crate) fn unsettled(&self) -> Duration {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        self.patience.settle.saturating_sub(sent.get_or_insert_with(Instant::now).elapsed())
    }

    /// The model's fields, if they were asked for already: `Some(None)` where there is no such model.
    pub(crate) fn known_model(&self, model: &ModelName) -> Option<Option<Arc<Model>>> {
        self.known.model(model)
    }

    /// The model's fields: one call the first time. `None` where there is no such model.
    pub(crate) async fn model(&self, model: &ModelName) -> Result<Option<Arc<Model>>> {
        if let Some(known) = self.known_model(model) {
            return Ok(known);
        }
        let ask = || self.client.fields_get(model.as_str(), &ATTRIBUTES);
        let found = match self.patience.repeat(ask).await {
            Ok(answer) => Some(Arc::new(Model::parse(&answer))),
            Err(Error::Refused { reason: Reason::UnknownModel, .. }) => None,
            Err(error) => return Err(core(error)),
        };
        self.known.learn(model, found.clone());
        Ok(found)
    }
}

/// A call that makes records is under way.
#[derive(Debug)]
pub(crate) struct Sending<'a>(&'a OdooWriter);

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        *self.0.sent.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

impl fmt::Debug for OdooWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OdooWriter({}, {:?})", self.address, self.client)
    }
}
