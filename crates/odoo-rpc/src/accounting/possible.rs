//! Whether there is accounting at all, asked before anything is planned.

use crate::accounting::ground::own_company;
use crate::accounting::ledger::Ledger;
use crate::client::record::{link, text};
use crate::client::{Client, Domain, SearchOptions};
use crate::error::{Error, Result};
use crate::patience::repeat;
use crate::reason::Reason;

impl Ledger {
    /// Whether bills can be posted for the user's own company: it has a sale journal with an account, and a bank or cash journal. False
    /// where Odoo's accounting is not installed, or has no chart of accounts yet. Two calls; nothing is written.
    ///
    /// For a program that chooses its way before it begins. Closed days, rights to post and the like are for [`open`](Self::open) and
    /// [`check`](Self::check).
    ///
    /// # Errors
    ///
    /// A call failed, or the user may not read journals.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "sandbox")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> odoo_rpc::Result<()> {
    /// use odoo_rpc::accounting::Ledger;
    /// use odoo_rpc::client::{Client, Login};
    /// use odoo_rpc::sandbox::{Like, Sandbox};
    ///
    /// for (server, possible) in [(Sandbox::with_accounting(Like::Odoo19), true), (Sandbox::new(Like::Odoo19), false)] {
    ///     let odoo = Client::over(server, Login::new("sandbox", "admin", "admin")).connect().await?;
    ///     assert_eq!(Ledger::is_possible(&odoo).await?, possible);
    /// }
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "sandbox"))]
    /// # fn main() {}
    /// ```
    pub async fn is_possible(client: &Client) -> Result<bool> {
        let company = own_company(client).await?;
        let of = || Domain::field("company_id").eq(company);
        let wanted = ["type", "default_account_id"];
        let ask = || client.search_read("account.journal", of(), &wanted, SearchOptions::new());
        let journals = match repeat(ask).await {
            Ok(journals) => journals,
            Err(Error::Refused { reason: Reason::UnknownModel, .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        let sale = journals
            .iter()
            .any(|one| text(one, "type") == "sale" && link(one, "default_account_id").is_some());
        let paid = journals.iter().any(|one| matches!(text(one, "type"), "bank" | "cash"));
        Ok(sale && paid)
    }
}
