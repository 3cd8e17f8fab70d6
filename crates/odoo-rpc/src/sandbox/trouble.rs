//! What goes wrong, as scripted by a test.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::wire::{Fault, Struct};

/// One way in which calls go wrong, and for which calls.
///
/// Unless said otherwise it strikes the next call, once. [`on`](Self::on) narrows it to a model and method,
/// [`at_call`](Self::at_call) to the n-th of the calls it could strike, [`always`](Self::always) lets it strike each.
/// Several may strike one call: delays add up, and of the others the one added first decides.
///
/// # Example
///
/// ```
/// use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
///
/// let odoo = Sandbox::new(Like::Odoo19);
/// odoo.trouble(Trouble::lose_reply().on("res.partner", "create").at_call(2));
/// odoo.trouble(Trouble::too_large(1_000_000));
/// ```
#[derive(Clone)]
pub struct Trouble {
    what: What,
    on: Option<(String, String)>,
    at: usize,
    left: Option<usize>,
    met: usize,
}

type Judge = Arc<dyn Fn(&Struct) -> Option<Fault> + Send + Sync>;

#[derive(Clone)]
pub(super) enum What {
    Refuse(Fault),
    LoseReply,
    CutBeforeCommit,
    CommitLater(Duration),
    Delay(Duration),
    TooLarge(usize),
    BadGateway { committed: bool },
    HtmlPage { committed: bool },
    RefuseRows(Judge),
}

impl Trouble {
    fn once(what: What) -> Self {
        Self { what, on: None, at: 1, left: Some(1), met: 0 }
    }

    /// The call is refused with that fault, and does nothing.
    #[must_use]
    pub fn refuse(fault: Fault) -> Self {
        Self::once(What::Refuse(fault))
    }

    /// The call is carried out, and its answer lost.
    #[must_use]
    pub fn lose_reply() -> Self {
        Self::once(What::LoseReply)
    }

    /// The n-th call from now, whichever it is, is carried out and its answer lost.
    #[must_use]
    pub fn lose_reply_of_call(n: usize) -> Self {
        Self::lose_reply().at_call(n)
    }

    /// The connection breaks before the server did anything. The caller cannot know that.
    #[must_use]
    pub fn cut_before_commit() -> Self {
        Self::once(What::CutBeforeCommit)
    }

    /// The connection breaks now, and the server carries the call out that much later: measured on real servers.
    #[must_use]
    pub fn commit_later(after: Duration) -> Self {
        Self::once(What::CommitLater(after))
    }

    /// The call takes that much longer.
    #[must_use]
    pub fn delay(by: Duration) -> Self {
        Self::once(What::Delay(by))
    }

    /// Every body above that many bytes is answered by HTTP 413 and a page, and does nothing.
    #[must_use]
    pub fn too_large(above: usize) -> Self {
        Self::once(What::TooLarge(above)).always()
    }

    /// A proxy answers HTTP 502 and a page, and the server never sees the call.
    #[must_use]
    pub fn bad_gateway() -> Self {
        Self::once(What::BadGateway { committed: false })
    }

    /// The call is carried out, and a proxy answers HTTP 502 and a page.
    #[must_use]
    pub fn bad_gateway_after_commit() -> Self {
        Self::once(What::BadGateway { committed: true })
    }

    /// Somebody answers HTTP 200 and a page, and the server never sees the call.
    #[must_use]
    pub fn html_page() -> Self {
        Self::once(What::HtmlPage { committed: false })
    }

    /// The call is carried out, and answered by HTTP 200 and a page.
    #[must_use]
    pub fn html_page_after_commit() -> Self {
        Self::once(What::HtmlPage { committed: true })
    }

    /// A `create` or `write` on the model with a record the function finds fault with is refused as a whole, every time.
    #[must_use]
    pub fn refuse_rows(
        model: &str,
        judge: impl Fn(&Struct) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        Self::once(What::RefuseRows(Arc::new(judge))).always().on(model, "")
    }

    /// Only calls of that method on that model. An empty name stands for any.
    #[must_use]
    pub fn on(mut self, model: &str, method: &str) -> Self {
        self.on = Some((model.to_owned(), method.to_owned()));
        self
    }

    /// Begins at the n-th such call from now: 1 is the next.
    #[must_use]
    pub fn at_call(mut self, n: usize) -> Self {
        self.at = n.max(1);
        self
    }

    /// Strikes that many calls.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.left = Some(times);
        self
    }

    /// Strikes every such call.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.left = None;
        self
    }

    fn strikes(&mut self, model: &str, method: &str) -> bool {
        let fits = |wanted: &str, name: &str| wanted.is_empty() || wanted == name;
        if !self
            .on
            .as_ref()
            .is_none_or(|(on_model, on_method)| fits(on_model, model) && fits(on_method, method))
        {
            return false;
        }
        self.met += 1;
        if self.met < self.at || self.left == Some(0) {
            return false;
        }
        self.left = self.left.map(|left| left - 1);
        true
    }
}

impl fmt::Debug for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.what {
            What::Refuse(_) => "refuse",
            What::LoseReply => "lose_reply",
            What::CutBeforeCommit => "cut_before_commit",
            What::CommitLater(_) => "commit_later",
            What::Delay(_) => "delay",
            What::TooLarge(_) => "too_large",
            What::BadGateway { .. } => "bad_gateway",
            What::HtmlPage { .. } => "html_page",
            What::RefuseRows(_) => "refuse_rows",
        };
        write!(f, "Trouble::{name}(on {:?}, at {}, left {:?})", self.on, self.at, self.left)
    }
}

/// Everything that is to go wrong.
#[derive(Debug, Default)]
pub(super) struct Script(Vec<Trouble>);

impl Script {
    pub(super) fn add(&mut self, trouble: Trouble) {
        self.0.push(trouble);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// What strikes this call.
    pub(super) fn strike(&mut self, model: &str, method: &str) -> Vec<What> {
        let struck = self
            .0
            .iter_mut()
            .filter_map(|trouble| trouble.strikes(model, method).then(|| trouble.what.clone()));
        let struck = struck.collect();
        self.0.retain(|trouble| trouble.left != Some(0));
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_strikes_the_calls_it_is_for_and_no_other() {
        let mut script = Script::default();
        script.add(Trouble::lose_reply().on("res.partner", "create").at_call(2));
        assert!(script.strike("res.partner", "create").is_empty());
        assert!(script.strike("res.partner", "write").is_empty());
        assert_eq!(script.strike("res.partner", "create").len(), 1);
        assert!(script.strike("res.partner", "create").is_empty());
    }

    #[test]
    fn trouble_that_is_always_there_stays() {
        let mut script = Script::default();
        script.add(Trouble::too_large(10));
        assert_eq!(script.strike("a", "b").len(), 1);
        assert_eq!(script.strike("a", "b").len(), 1);
        script.clear();
        assert!(script.strike("a", "b").is_empty());
    }
}
