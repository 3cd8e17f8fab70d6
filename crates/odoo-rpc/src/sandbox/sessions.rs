//! Sessions: who logged in at `/web/session/authenticate`, by the cookie that tells it.

use std::collections::VecDeque;

use crate::sandbox::DATABASE;
use crate::sandbox::env::{ADMIN, Env};
use crate::wire::{Struct, Value};

/// So many are kept: the oldest goes first.
const MOST: usize = 100;

/// A login that is remembered. It ends as the password changes, since every call shows it anew.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) uid: i64,
    pub(super) password: String,
}

/// All of them, by their cookies, the oldest first.
#[derive(Default)]
pub(super) struct Sessions {
    open: VecDeque<(String, Session)>,
    begun: u64,
}

impl Sessions {
    /// Begins one, and tells its cookie.
    pub(super) fn begin(&mut self, now: &str, session: Session) -> String {
        self.begun += 1;
        let hash = blake3::hash(format!("{now} {}", self.begun).as_bytes()).to_hex();
        let token = hash.chars().take(40).collect::<String>();
        if self.open.len() == MOST {
            self.open.pop_front();
        }
        self.open.push_back((token.clone(), session));
        token
    }

    pub(super) fn find(&self, token: &str) -> Option<Session> {
        self.open.iter().find(|(known, _)| known == token).map(|(_, session)| session.clone())
    }

    pub(super) fn end(&mut self, token: &str) {
        self.open.retain(|(known, _)| known != token);
    }
}

/// The session that a request's cookies name.
pub(super) fn cookie<'h>(headers: &'h [(&'static str, String)]) -> Option<&'h str> {
    let (_, cookies) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("cookie"))?;
    cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix("session_id="))
}

impl Env<'_> {
    /// What the caller is told of itself at its login: what clients read of it, not what the web client alone needs.
    pub(super) fn session_info(&self) -> Struct {
        let user = self.uid;
        let text = |field: &str| self.text("res.users", user, field).map_or(Value::Bool(false), Value::from);
        let partner = self.partner_of(user);
        let model = self.db.registry.model("res.partner").cloned();
        let shown =
            partner.zip(model.as_deref()).and_then(|(partner, model)| self.shown_name(model, partner));
        let name = partner.and_then(|partner| self.text("res.partner", partner, "name")).map(str::to_owned);
        let admin = user == ADMIN;
        let context = self.user_context();
        let context = if self.at_least(16) { context } else { context.with("uid", user) };
        let version = self.like().server_version();
        let info = Struct::new()
            .with("uid", user)
            .with("is_system", admin)
            .with("is_admin", admin)
            .with("user_context", context)
            .with("db", DATABASE)
            .with("server_version", version)
            .with("server_version_info", self.like().version_info())
            .with("name", name.map_or(Value::Bool(false), Value::Text))
            .with("username", text("login"))
            .with("partner_display_name", shown.map_or(Value::Bool(false), Value::Text))
            .with("partner_id", partner.map_or(Value::Nil, Value::Int));
        if self.at_least(16) { info } else { info.with("company_id", 1) }
    }

    /// The caller's language and zone; from 16 on its id too.
    pub(super) fn user_context(&self) -> Struct {
        let user = self.db.registry.model("res.users");
        let own = |field: &str| user.and_then(|model| self.raw(model, self.uid, field));
        let context = Struct::new()
            .with("lang", own("lang").unwrap_or_else(|| Value::from("en_US")))
            .with("tz", own("tz").unwrap_or(Value::Bool(false)));
        if self.at_least(16) { context.with("uid", self.uid) } else { context }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(uid: i64) -> Session {
        Session { uid, password: String::new() }
    }

    #[test]
    fn a_session_is_found_until_it_ends_or_too_many_came_after_it() {
        let mut sessions = Sessions::default();
        let first = sessions.begin("now", session(2));
        let second = sessions.begin("now", session(7));
        assert_eq!(sessions.find(&first).map(|session| session.uid), Some(2));
        assert_eq!(sessions.find(&second).map(|session| session.uid), Some(7));
        sessions.end(&second);
        assert!(sessions.find(&second).is_none());
        for uid in 0..100 {
            sessions.begin("now", session(uid));
        }
        assert!(sessions.find(&first).is_none());
        assert_eq!(sessions.open.len(), MOST);
    }

    #[test]
    fn the_session_is_one_of_the_cookies() {
        let headers = [("cookie", "frontend_lang=en_US; session_id=abc".to_owned())];
        assert_eq!(cookie(&headers), Some("abc"));
        assert_eq!(cookie(&[("cookie", "tz=UTC".to_owned())]), None);
    }
}
