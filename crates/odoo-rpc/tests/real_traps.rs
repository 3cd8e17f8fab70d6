//! What Odoo does to other people's records and mailboxes: shown with plain calls, and not happening through the writer. On real
//! servers.
#![cfg(feature = "http")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by stopping"
)]

mod servers;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mapping_core::destination::DestinationWriter;
use mapping_core::identity::SourceId;
use mapping_core::key::RecordKey;
use mapping_core::receipt::{Action, Outcome, Row};
use mapping_core::record::Fields;
use mapping_core::schema::Needs;
use mapping_core::value::Value;
use odoo_rpc::client::{Client, Context, Domain, SearchOptions};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::wire::{Struct, Value as Wire};
use servers::{Server, fresh, quietly, told};

#[tokio::test]
async fn the_traps_are_there_and_the_writer_steps_into_none_in_odoo_19() {
    if let Some(server) = Server::named(19).await {
        all_traps(server.client().await).await;
    }
}

#[tokio::test]
async fn the_traps_are_there_and_the_writer_steps_into_none_in_odoo_14() {
    if let Some(server) = Server::named(14).await {
        all_traps(server.client().await).await;
    }
}

async fn all_traps(plain: Client) {
    let writer = OdooWriter::new(plain.clone()).settle(Duration::from_secs(5));
    let needs = Needs::new()
        .uses("res.partner", "name")
        .uses("crm.lead", "name")
        .uses("mail.activity", "summary")
        .uses("mail.message", "body");
    let made = writer.apply(&writer.plan(&needs).await.unwrap()).await.unwrap();

    // Every run has identities of its own, on a server that may have seen others.
    let source = SourceId::new("traps", &fresh("run")).unwrap();
    let login = format!("{}@example.org", fresh("other"));
    let other =
        Struct::new().with("name", "Ravi").with("login", login.as_str()).with("email", login.as_str());
    let quiet = plain.with_context(Context::new().with("no_reset_password", true));
    let other = quiet.create("res.users", vec![other]).await.unwrap()[0];
    let odoo = Odoo { plain, writer, source, number: AtomicUsize::new(0), other };

    odoo.a_lead_rewrites_its_patient().await;
    odoo.an_update_of_a_lead_rewrites_its_patient().await;
    odoo.a_lead_mails_its_salesperson().await;
    odoo.a_child_takes_its_parents_address().await;
    odoo.a_changed_child_takes_its_family_along().await;
    odoo.an_activity_mails_its_assignee().await;
    odoo.plain_text_is_lost_in_markup().await;
    odoo.chatter_is_shown_in_the_order_of_ids().await;
    odoo.writer.revert_schema(&made).await.unwrap();
}

struct Odoo {
    /// Calls as anybody would make them.
    plain: Client,
    writer: OdooWriter,
    source: SourceId,
    number: AtomicUsize,
    /// Another user than the caller.
    other: i64,
}

impl Odoo {
    fn is_19(&self) -> bool {
        self.plain.version().at_least(19, 0)
    }

    fn row(&self, model: &str, action: Action, fields: Fields) -> Row {
        let key: mapping_core::key::DraftKey =
            RecordKey::new("thing", self.number.fetch_add(1, Ordering::Relaxed).to_string()).into();
        Row { identity: self.source.identity(&key), key, model: model.into(), action, fields }
    }

    fn record(&self, model: &str, fields: Fields) -> Row {
        self.row(model, Action::Create, fields)
    }

    fn update(&self, model: &str, id: i64, fields: Fields) -> Row {
        self.row(model, Action::Update(id.into()), fields)
    }

    /// The ids of what was written; `None` for what was refused, by the writer's own check and none of the server's.
    async fn write(&self, rows: &[Row]) -> Vec<Option<i64>> {
        let written = self.writer.write(self.writer.prepare(rows.to_vec()));
        let outcomes = quietly(&self.plain, written).await;
        let id = |outcome: Outcome| match outcome {
            Outcome::Written(id) => id.number(),
            Outcome::Refused(error) => {
                assert!(error.to_string().contains("Odoo "), "{error}");
                assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
                None
            }
            other => panic!("{other:?}"),
        };
        outcomes.into_iter().map(id).collect()
    }

    /// One record by a plain call.
    async fn make(&self, model: &str, values: Struct) -> i64 {
        let calm = self.plain.with_context(Context::new().with("tracking_disable", true));
        calm.create(model, vec![values]).await.unwrap()[0]
    }

    async fn text(&self, model: &str, id: i64, field: &str) -> String {
        let read = self.plain.read(model, &[id], &[field]).await.unwrap();
        read[0].get(field).and_then(Wire::as_text).unwrap_or_default().to_owned()
    }

    async fn mother(&self) -> i64 {
        let mother =
            Struct::new().with("name", "Asha").with("email", "asha@example.org").with("phone", "5550001");
        self.make("res.partner", mother).await
    }

    async fn reaches(&self, id: i64) -> [String; 2] {
        [self.text("res.partner", id, "email").await, self.text("res.partner", id, "phone").await]
    }

    async fn a_lead_rewrites_its_patient(&self) {
        let lead = |contact: i64| Struct::new().with("name", "Enquiry").with("partner_id", contact);
        let mother = self.mother().await;
        let first = self.make("crm.lead", lead(mother)).await;
        self.make("crm.lead", lead(mother).with("email_from", "canary@example.org").with("phone", "5550009"))
            .await;
        assert_eq!(self.reaches(mother).await, ["canary@example.org", "5550009"], "the trap is gone");
        assert_eq!(
            self.text("crm.lead", first, "email_from").await,
            "canary@example.org",
            "the trap is gone"
        );
        let mother = self.mother().await;
        self.make("crm.lead", lead(mother).with("email_from", false)).await;
        let kept = if self.is_19() { "asha@example.org" } else { "" };
        assert_eq!(self.reaches(mother).await[0], kept, "the trap is another one");

        let (mother, bare) =
            (self.mother().await, self.make("res.partner", Struct::new().with("name", "Bare")).await);
        let lead = |contact: i64| Fields::default().with("name", "Enquiry").with("partner_id", contact);
        let rows = [
            self.record("crm.lead", lead(mother)),
            self.record(
                "crm.lead",
                lead(mother).with("email_from", "asha@example.org").with("phone", "5550001"),
            ),
            self.record("crm.lead", lead(mother).with("email_from", "canary@example.org")),
            self.record(
                "crm.lead",
                lead(mother).with("email_from", "asha@example.org").with("phone", "5550009"),
            ),
            self.record("crm.lead", lead(mother).with("email_from", Value::Null).with("phone", "")),
            self.record("crm.lead", lead(bare).with("email_from", "canary@example.org")),
            self.record(
                "crm.lead",
                Fields::default().with("name", "Enquiry").with("email_from", "canary@example.org"),
            ),
        ];
        let calls = self.writer.client().calls();
        let ids = self.write(&rows).await;
        let calls = self.writer.client().calls() - calls;
        assert_eq!(calls, 6, "one to look, one to create, and four to count mails and notifications");
        let written: Vec<bool> = ids.iter().map(Option::is_some).collect();
        assert_eq!(written, [true, true, false, false, true, false, true]);
        assert_eq!(self.reaches(mother).await, ["asha@example.org", "5550001"]);
        assert_eq!(self.reaches(bare).await, ["", ""]);
        for (at, email) in [(0, "asha@example.org"), (4, "asha@example.org"), (6, "canary@example.org")] {
            assert_eq!(self.text("crm.lead", ids[at].unwrap(), "email_from").await, email, "{at}");
        }
    }

    async fn an_update_of_a_lead_rewrites_its_patient(&self) {
        let lead = |contact: i64| Struct::new().with("name", "Enquiry").with("partner_id", contact);
        let mother = self.mother().await;
        let id = self.make("crm.lead", lead(mother)).await;
        self.plain
            .write("crm.lead", &[id], Struct::new().with("email_from", "canary@example.org"))
            .await
            .unwrap();
        assert_eq!(self.reaches(mother).await[0], "canary@example.org", "the trap is gone");

        let mother = self.mother().await;
        let id = self.make("crm.lead", lead(mother)).await;
        let fields = Fields::default;
        let rows = [
            self.update("crm.lead", id, fields().with("email_from", "canary@example.org")),
            self.update("crm.lead", id, fields().with("phone", "5550009").with("partner_id", mother)),
            self.update("crm.lead", id, fields().with("phone", Value::Null)),
            self.update("crm.lead", id, fields().with("phone", Value::Null).with("partner_id", mother)),
            self.update("crm.lead", id, fields().with("phone", "5550001").with("name", "Another")),
        ];
        let written: Vec<bool> = self.write(&rows).await.iter().map(Option::is_some).collect();
        assert_eq!(written, [false, false, self.is_19(), true, true]);
        assert_eq!(self.reaches(mother).await, ["asha@example.org", "5550001"]);
        assert_eq!(self.text("crm.lead", id, "name").await, "Another");
    }

    async fn a_lead_mails_its_salesperson(&self) {
        let [mails, _] = told(&self.plain).await;
        let lead = Struct::new().with("name", "Enquiry").with("user_id", self.other);
        self.plain.create("crm.lead", vec![lead]).await.unwrap();
        assert!(told(&self.plain).await[0] > mails, "the trap is gone");

        let lead = Fields::default().with("name", "Enquiry").with("user_id", self.other);
        assert!(self.write(&[self.record("crm.lead", lead)]).await[0].is_some());
    }

    async fn streets<const N: usize>(&self, ids: [i64; N]) -> Vec<String> {
        let mut streets = Vec::new();
        for id in ids {
            streets.push(self.text("res.partner", id, "street").await);
        }
        streets
    }

    async fn a_child_takes_its_parents_address(&self) {
        let home = |street: &str| Struct::new().with("name", "Father").with("street", street);
        let father = self.make("res.partner", home("1 Old Street")).await;
        let child =
            Struct::new().with("name", "Child").with("parent_id", father).with("street", "2 New Street");
        let child = self.make("res.partner", child).await;
        assert_eq!(self.streets([father, child]).await, ["1 Old Street", "1 Old Street"], "the trap is gone");
        let father = self.make("res.partner", Struct::new().with("name", "Father")).await;
        let child =
            Struct::new().with("name", "Child").with("parent_id", father).with("street", "2 New Street");
        self.make("res.partner", child).await;
        assert_eq!(self.streets([father]).await, ["2 New Street"], "the trap is gone");

        let father = self.make("res.partner", home("1 Old Street")).await;
        let bare = self.make("res.partner", Struct::new().with("name", "Father")).await;
        let child = |parent: i64| Fields::default().with("name", "Child").with("parent_id", parent);
        let street = |parent: i64| child(parent).with("street", "2 New Street");
        let rows = [
            self.record("res.partner", street(father)),
            self.record("res.partner", street(bare)),
            self.record("res.partner", child(father)),
            self.record("res.partner", street(father).with("type", "contact")),
            self.record("res.partner", street(father).with("type", "invoice")),
        ];
        let ids = self.write(&rows).await;
        assert!(ids[3].is_none());
        let [own, first, shared, invoice] = [0, 1, 2, 4].map(|at: usize| ids[at].unwrap());
        assert_eq!(
            self.streets([father, own, shared, invoice]).await,
            ["1 Old Street", "2 New Street", "1 Old Street", "2 New Street"]
        );
        assert_eq!(self.streets([bare, first]).await, ["", "2 New Street"]);
        assert_eq!(self.text("res.partner", own, "type").await, "other");
    }

    async fn a_changed_child_takes_its_family_along(&self) {
        let family = async || {
            let father = self
                .make("res.partner", Struct::new().with("name", "F").with("street", "1 Old Street"))
                .await;
            let child = || Struct::new().with("name", "C").with("parent_id", father);
            [father, self.make("res.partner", child()).await, self.make("res.partner", child()).await]
        };
        let [father, one, two] = family().await;
        self.plain.write("res.partner", &[one], Struct::new().with("street", "2 New Street")).await.unwrap();
        let (new, rest) = ("2 New Street", if self.is_19() { "2 New Street" } else { "1 Old Street" });
        assert_eq!(self.streets([father, one, two]).await, [rest, new, rest], "the trap is another one");

        let [father, one, two] = family().await;
        let alone =
            self.make("res.partner", Struct::new().with("name", "C").with("street", "3 Own Street")).await;
        let street = || Fields::default().with("street", "2 New Street");
        let rows = [
            self.update("res.partner", one, street().with("parent_id", father)),
            self.update("res.partner", alone, Fields::default().with("parent_id", father)),
            self.update(
                "res.partner",
                two,
                Fields::default().with("street", "1 Old Street").with("name", "Two"),
            ),
            self.update(
                "res.partner",
                father,
                Fields::default().with("street", "1 Old Street").with("city", "Pune"),
            ),
        ];
        let written: Vec<bool> = self.write(&rows).await.iter().map(Option::is_some).collect();
        assert_eq!(written, [false, false, true, true]);
        assert_eq!(
            self.streets([father, one, two, alone]).await,
            ["1 Old Street", "1 Old Street", "1 Old Street", "3 Own Street"]
        );
        let written = self.write(&[self.update("res.partner", one, street())]).await;
        assert_eq!(written[0].is_some(), !self.is_19(), "only 19 carries it up");
        assert_eq!(self.streets([father, two]).await, ["1 Old Street", "1 Old Street"]);
        let own = street().with("type", "other").with("parent_id", father);
        assert!(self.write(&[self.update("res.partner", one, own)]).await[0].is_some());
        assert_eq!(self.streets([father, one, two]).await, ["1 Old Street", "2 New Street", "1 Old Street"]);
    }

    async fn contacts(&self) -> i64 {
        let model = Domain::field("model").eq("res.partner");
        self.plain.search("ir.model", model, SearchOptions::new()).await.unwrap()[0]
    }

    async fn an_activity_mails_its_assignee(&self) {
        let (contacts, mother) = (self.contacts().await, self.mother().await);
        let [mails, _] = told(&self.plain).await;
        let task =
            Struct::new().with("res_model_id", contacts).with("res_id", mother).with("user_id", self.other);
        self.make("mail.activity", task.with("date_deadline", "2024-01-31")).await;
        assert!(told(&self.plain).await[0] > mails, "the trap is gone");

        let day = Value::Date("2024-01-31".parse().unwrap());
        let task = Fields::default()
            .with("res_model_id", contacts)
            .with("res_id", mother)
            .with("user_id", self.other);
        let rows: Vec<_> = (0..3)
            .map(|_| self.record("mail.activity", task.clone().with("date_deadline", day.clone())))
            .collect();
        assert!(self.write(&rows).await.iter().all(Option::is_some));
    }

    async fn plain_text_is_lost_in_markup(&self) {
        const TEXT: &str = "BP <120> & rising\nsecond line";
        const MARKUP: [&str; 2] = ["BP &lt;120&gt; &amp; rising", "<br"];
        let (contacts, mother) = (self.contacts().await, self.mother().await);
        let message = Struct::new().with("model", "res.partner").with("res_id", mother).with("body", TEXT);
        let message = self.make("mail.message", message).await;
        let stored = self.text("mail.message", message, "body").await;
        assert!(!MARKUP.iter().all(|part| stored.contains(part)), "the trap is gone: {stored}");

        let message =
            Fields::default().with("model", "res.partner").with("res_id", mother).with("body", TEXT);
        let day = Value::Date("2024-01-31".parse().unwrap());
        let task = Fields::default().with("res_model_id", contacts).with("res_id", mother).with("note", TEXT);
        let task = task.with("user_id", 2).with("date_deadline", day);
        let contact = Fields::default().with("name", "Asha").with("comment", TEXT);
        let rows = [
            ("mail.message", "body", message),
            ("mail.activity", "note", task),
            ("res.partner", "comment", contact),
        ];
        for (model, field, fields) in rows {
            let id = self.write(&[self.record(model, fields)]).await[0].unwrap();
            let stored = self.text(model, id, field).await;
            match model == "res.partner" && !self.is_19() {
                true => assert_eq!(stored, TEXT, "on 14 it is no markup"),
                false => assert!(MARKUP.iter().all(|part| stored.contains(part)), "{model}: {stored}"),
            }
        }
    }

    async fn chatter_is_shown_in_the_order_of_ids(&self) {
        let (mother, father) = (self.mother().await, self.mother().await);
        let days = ["2024-03-01", "2023-01-01", "2025-05-05", "2022-12-31"];
        let order = SearchOptions::new().order("id");
        let dates = async |contact: i64| -> Vec<String> {
            let domain = Domain::field("model").eq("res.partner").and(Domain::field("res_id").eq(contact));
            let found =
                self.plain.search_read("mail.message", domain, &["date"], order.clone()).await.unwrap();
            let date = |row: &Struct| row.get("date").and_then(Wire::as_text).unwrap()[..10].to_owned();
            found.iter().map(date).collect()
        };
        let message = |day: &&str| {
            let message = Struct::new().with("model", "res.partner").with("res_id", mother).with("body", "x");
            message.with("date", format!("{day} 10:00:00"))
        };
        self.plain.create("mail.message", days.iter().map(message).collect()).await.unwrap();
        assert_eq!(dates(mother).await, days, "the trap is gone");

        let message = |day: &&str| {
            let date = Value::Instant(format!("{day}T10:00:00Z").parse().unwrap());
            let message = Fields::default().with("model", "res.partner").with("res_id", father);
            self.record("mail.message", message.with("body", *day).with("date", date))
        };
        let ids = self.write(&days.iter().map(message).collect::<Vec<_>>()).await;
        assert_eq!(dates(father).await, ["2022-12-31", "2023-01-01", "2024-03-01", "2025-05-05"]);
        for (id, day) in ids.iter().zip(days) {
            assert!(
                self.text("mail.message", id.unwrap(), "body").await.contains(day),
                "outcomes are the rows'"
            );
        }
    }
}
