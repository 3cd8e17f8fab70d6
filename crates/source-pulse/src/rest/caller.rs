//! One request to a bridge, repeated where that helps.

use std::error::Error as _;
use std::time::Duration;

use jiff::Timestamp;
use mapping_core::error::{Error, Result, Retry};
use reqwest::header::{ACCEPT, AUTHORIZATION, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, redirect};
use url::Url;

use crate::rest::address::Address;
use crate::rest::answer::{self, Tables};
use crate::rest::pace::Pace;
use crate::rest::patience::{Attempts, Patience, retry_after};
use crate::rest::token::Token;

/// How long name look-up, connection and TLS may take together.
const CONNECTING: Duration = Duration::from_secs(20);
/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(120);
/// How long an answer that is read at once may be, decompressed.
pub(super) const LONGEST_ANSWER: usize = 32 << 20;

/// Asks a bridge, one request after the other.
pub(super) struct Caller {
    client: Client,
    address: Address,
    has_token: bool,
    page_size: u32,
    patience: Patience,
    pace: Pace,
    pub(super) requests: u64,
}

/// A request, and what it means where there is no such thing.
pub(super) struct Question {
    url: Url,
    not_there: &'static str,
}

impl Caller {
    pub(super) fn new(
        address: Address,
        token: Option<&Token>,
        page_size: u32,
        patience: Patience,
        gap: Duration,
    ) -> Result<Self> {
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        if let Some(token) = token {
            let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(|_| {
                Error::config(
                    "the token holds a character that no header can hold; see that it was copied whole",
                )
            })?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        let mut client = Client::builder()
            .connect_timeout(CONNECTING)
            .read_timeout(SILENCE)
            .user_agent(concat!("source-pulse/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            // The token is for this address alone.
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false);
        if address.is_loopback() {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| {
            Error::config("HTTP cannot be set up; see that the system has trusted certificates")
                .because(error.without_url())
        })?;
        let has_token = token.is_some();
        Ok(Self { client, address, has_token, page_size, patience, pace: Pace::new(gap), requests: 0 })
    }

    /// The attempts at a request.
    pub(super) fn attempts(&self) -> Attempts {
        self.patience.attempts()
    }

    /// Which tables there are.
    pub(super) async fn tables(&mut self, since: Option<Timestamp>) -> Result<Tables> {
        let mut url = self.address.under(["tables"]);
        add_since(&mut url, since);
        let not_there = "there is no bridge at the address; see that it is complete: it ends before /tables";
        match self.body(&Question { url, not_there }).await? {
            Some(body) => answer::read(&body),
            None => Err(Error::config(not_there).at("server", self.address.place())),
        }
    }

    /// The request for a page of a table, or of the list of files.
    pub(super) fn page(&self, of: &[&str], cursor: Option<&str>, since: Option<Timestamp>) -> Question {
        let mut url = self.address.under(of.iter().copied());
        url.query_pairs_mut().append_pair("page_size", &self.page_size.to_string());
        if let Some(cursor) = cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        add_since(&mut url, since);
        Question { url, not_there: "the bridge told of it, and has it no longer; fetch again" }
    }

    /// The request for a file.
    pub(super) fn file<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Question {
        let url = self.address.under(["files"].into_iter().chain(parts));
        Question { url, not_there: "the bridge has the file in its list and nowhere else; it must be mended" }
    }

    /// The body of an answer; none where what it was to go on with is gone.
    pub(super) async fn body(&mut self, question: &Question) -> Result<Option<Vec<u8>>> {
        let mut attempts = self.attempts();
        'again: loop {
            let Some(mut answer) = self.answer(question, &mut attempts).await? else { return Ok(None) };
            let mut body = Vec::new();
            loop {
                match answer.chunk().await {
                    Ok(Some(piece)) if body.len() + piece.len() > LONGEST_ANSWER => {
                        let message = format!(
                            "an answer is longer than {} MiB; ask for fewer rows a page",
                            LONGEST_ANSWER >> 20
                        );
                        return Err(self.at(Error::config(message)));
                    }
                    Ok(Some(piece)) => body.extend_from_slice(&piece),
                    Ok(None) => return Ok(Some(body)),
                    Err(error) => {
                        attempts.again(self.broken(&error), None).await?;
                        continue 'again;
                    }
                }
            }
        }
    }

    /// The head of an answer that is one; none where what it was to go on with is gone.
    pub(super) async fn answer(
        &mut self,
        question: &Question,
        attempts: &mut Attempts,
    ) -> Result<Option<Response>> {
        loop {
            self.pace.wait().await;
            self.requests += 1;
            let answer = match self.client.get(question.url.clone()).send().await {
                Ok(answer) => answer,
                Err(error) => {
                    attempts.again(self.unreached(&error), None).await?;
                    continue;
                }
            };
            let status = answer.status().as_u16();
            let error = match status {
                200 => return Ok(Some(answer)),
                410 => return Ok(None),
                429 | 502..=504 => {
                    let message = if status == 429 {
                        "the bridge says that it is asked too often; ask for fewer calls a second"
                    } else {
                        "the bridge is not ready to answer; try again later"
                    };
                    let asked = wanted(answer.headers());
                    let error = self.at(Error::unavailable(message, Retry::Safe)).at("status", status);
                    attempts.again(error, asked).await?;
                    continue;
                }
                401 if self.has_token => {
                    Error::config("the bridge does not take the token; see that it is right and valid still")
                }
                401 => Error::config("the bridge wants a token; give one"),
                403 => {
                    Error::config("the token may not read this; have it given the right to read everything")
                }
                404 => Error::config(question.not_there),
                300..=399 => Error::config(
                    "the bridge sends us elsewhere, where the token is not taken; give the address it has moved to",
                ),
                500..=599 => {
                    Error::unavailable("the bridge failed; see its log, mend it and fetch again", Retry::Safe)
                }
                _ => Error::invalid("the bridge does not take the request; see docs/pulse-rest.md"),
            };
            return Err(self.at(error).at("status", status));
        }
    }

    /// An answer that ended early.
    pub(super) fn broken(&self, error: &reqwest::Error) -> Error {
        let message = format!("an answer broke off{}; fetch again", cause(error));
        self.at(Error::unavailable(message, Retry::Safe))
    }

    fn unreached(&self, error: &reqwest::Error) -> Error {
        let what = if error.is_timeout() {
            "the bridge does not answer in time"
        } else if error.is_connect() {
            "the bridge cannot be reached"
        } else {
            "the bridge ended the connection"
        };
        let message =
            format!("{what}{}; check address, network and certificate, and fetch again", cause(error));
        self.at(Error::unavailable(message, Retry::Safe))
    }

    fn at(&self, error: Error) -> Error {
        error.at("server", self.address.place())
    }
}

fn add_since(url: &mut Url, since: Option<Timestamp>) {
    if let Some(since) = since {
        url.query_pairs_mut().append_pair("modified_since", &since.to_string());
    }
}

fn wanted(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    retry_after(text(RETRY_AFTER)?, text(DATE))
}

/// The innermost cause: the operating system's or the TLS library's word, which holds nothing of the request.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: Option<&dyn std::error::Error> = error.source();
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    cause.map(|cause| format!(" ({cause})")).unwrap_or_default()
}
