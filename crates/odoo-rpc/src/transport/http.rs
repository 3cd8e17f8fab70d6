//! The transport over HTTP(S).

use std::error::Error as _;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use jiff::Timestamp;
use reqwest::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER,
};
use reqwest::redirect;

use crate::transport::address::Address;
use crate::transport::contract::{Method, Request, Response, Transport, TransportError};
use crate::transport::departure::Departure;
use crate::transport::reading::FileError;

/// How requests are sent over HTTP. Made with [`new`](Self::new), changed field by field.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpOptions {
    /// How long name look-up, connection and TLS may take together: 20 seconds.
    pub connect_timeout: Duration,
    /// How long a whole call may take: 180 seconds, and one second more for each 128 KiB of its body, since files go over slow
    /// lines too. Odoo's own limit is 120 seconds; giving up before the server does would leave a call in doubt that still goes on.
    pub timeout: Duration,
    /// The longest answer that is read, decompressed: 256 MiB. Ten thousand contacts with 18 fields are 18 MB.
    pub max_response: usize,
    /// What the client calls itself.
    pub user_agent: String,
}

impl HttpOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(20),
            timeout: Duration::from_secs(180),
            max_response: 256 << 20,
            user_agent: concat!("odoo-rpc/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Sends requests over HTTP(S), each on a connection of its own.
///
/// Odoo closes the connection after each answer (measured on 14 and 19); a connection kept for the next call could be one that
/// the server has just closed, and a request lost on it leaves everybody in doubt. Nothing is repeated and no redirect
/// is followed. Certificates are checked against those the system trusts; `https_proxy` and its kin in the environment are heeded,
/// except for a server on this machine.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    address: Address,
    options: HttpOptions,
}

impl Http {
    /// A transport to the server at `address`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up (such as: the system has no trusted certificates), or the user agent is no header text.
    pub fn new(address: Address, options: HttpOptions) -> Result<Self, TransportError> {
        let mut client = reqwest::Client::builder()
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            .user_agent(&options.user_agent)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(0)
            .referer(false);
        if address.is_loopback() {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| {
            let cause = cause(&error).unwrap_or_default();
            TransportError::not_sent(format!(
                "HTTP cannot be set up{cause}: check the system's trusted certificates"
            ))
        })?;
        Ok(Self { client, address, options })
    }

    /// The server.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// What is known of a request that has not been answered, from whether its body began to leave.
    fn unanswered(&self, error: &reqwest::Error, leaving: &Leaving) -> TransportError {
        let place = self.address.place();
        if let Some(error) = leaving.broken.get() {
            return TransportError::unreadable(error);
        }
        if leaving.departure.at().is_none() {
            let (what, advice) = if error.is_dns() {
                ("its name cannot be found", "check the spelling of the address and the network")
            } else if error.is_timeout() {
                ("no connection came about in time", "check address, port, network and firewall")
            } else {
                ("no connection came about", "check address, port and certificate, and that the server runs")
            };
            let cause = cause(error).unwrap_or_default();
            return TransportError::not_sent(format!(
                "{place} cannot be reached: {what}{cause}; nothing was sent; {advice}"
            ));
        }
        if !leaving.is_over() {
            return TransportError::not_sent(format!(
                "the connection to {place} ended or was too slow while the call was leaving: the server has a part of it alone, \
                 and nothing was applied"
            ));
        }
        let what = if error.is_timeout() {
            format!(
                "no complete answer from {place} within {} s",
                self.time_for(leaving.length).as_secs_f64()
            )
        } else {
            format!("{place} (or a proxy before it) closed the connection before the answer was complete")
        };
        TransportError::unknown(format!(
            "{what}; the server may have carried the call out: look before sending it again"
        ))
    }

    fn time_for(&self, length: usize) -> Duration {
        self.options.timeout.saturating_add(Duration::from_secs((length / SLOWEST) as u64))
    }

    fn too_long(&self) -> TransportError {
        TransportError::unknown(format!(
            "the answer of {} is longer than {} bytes: ask for fewer records or fields at once, or allow more",
            self.address.place(),
            self.options.max_response
        ))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Http({})", self.address)
    }
}

#[async_trait]
impl Transport for Http {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let Request { method, path, headers, body, departure } = request;
        let url = format!("{}{path}", self.address.origin());
        let leaving = Arc::new(Leaving::new(body.len(), departure));
        let mut call = match method {
            Method::Get => self.client.get(url),
            Method::Post => {
                let (length, seen) = (body.len(), Arc::clone(&leaving));
                let body = body.stream().inspect(move |piece| seen.note(piece));
                self.client.post(url).header(CONTENT_LENGTH, length).body(reqwest::Body::wrap_stream(body))
            }
        };
        call = call.timeout(self.time_for(leaving.length));
        for (name, value) in headers {
            call = call.header(name, header_value(name, &value)?);
        }
        let answer = call.send().await;
        // A body's leaving can be seen; a request without one has left once there is an answer, or an error behind the connection. Late
        // is never too early for the next one.
        if method == Method::Get && !answer.as_ref().is_err_and(reqwest::Error::is_connect) {
            leaving.departure.mark();
        }
        let mut answer = answer.map_err(|error| self.unanswered(&error, &leaving))?;

        let status = answer.status().as_u16();
        let content_type = header(answer.headers(), CONTENT_TYPE.as_str()).map(str::to_owned);
        let date = header(answer.headers(), DATE.as_str()).and_then(http_date);
        let now = date.unwrap_or_else(Timestamp::now);
        let retry_after =
            header(answer.headers(), RETRY_AFTER.as_str()).and_then(|text| retry_after(text, now));
        let expected = answer.content_length().unwrap_or(0);
        if expected > self.options.max_response as u64 {
            return Err(self.too_long());
        }
        // The length is the server's word: it is not room enough to set aside at once.
        let mut body = Vec::with_capacity(usize::try_from(expected.min(1 << 20)).unwrap_or(0));
        while let Some(piece) = answer.chunk().await.map_err(|error| self.unanswered(&error, &leaving))? {
            if body.len() + piece.len() > self.options.max_response {
                return Err(self.too_long());
            }
            body.extend_from_slice(&piece);
        }
        Ok(Response { status, content_type, retry_after, date, body })
    }
}

/// How slow a line may be, in bytes a second.
const SLOWEST: usize = 128 << 10;

/// What is known of a body on its way.
struct Leaving {
    length: usize,
    /// How many bytes the connection took.
    taken: AtomicUsize,
    /// Why it ended early.
    broken: OnceLock<FileError>,
    departure: Departure,
}

impl Leaving {
    fn new(length: usize, departure: Departure) -> Self {
        Self { length, taken: AtomicUsize::new(0), broken: OnceLock::new(), departure }
    }

    /// Notes a piece. A body is asked for its pieces only once the connection stands.
    fn note(&self, piece: &std::io::Result<Bytes>) {
        self.departure.mark();
        match piece {
            Ok(bytes) => {
                self.taken.fetch_add(bytes.len(), Ordering::Relaxed);
            }
            Err(error) => {
                if let Some(error) = FileError::of(error) {
                    self.broken.get_or_init(|| error.clone());
                }
            }
        }
    }

    /// Whether all of it may be on its way.
    fn is_over(&self) -> bool {
        self.taken.load(Ordering::Relaxed) >= self.length
    }
}

/// The innermost cause: the operating system's or the TLS library's word, which holds nothing of the request.
fn cause(error: &reqwest::Error) -> Option<String> {
    let mut cause = error.source()?;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Some(format!(" ({cause})"))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp())
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, TransportError> {
    let mut header = HeaderValue::try_from(value).map_err(|_| {
        TransportError::not_sent(format!("the header {name} cannot hold its value; nothing was sent"))
    })?;
    header.set_sensitive(name.eq_ignore_ascii_case(AUTHORIZATION.as_str()));
    Ok(header)
}

/// No server is waited for longer without asking it again.
const LONGEST: Duration = Duration::from_secs(3600);

/// Seconds, or a date, which is held against the server's own clock.
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => http_date(text)?.duration_since(now).try_into().unwrap_or(Duration::ZERO),
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = http_date("Wed, 10 Jan 2024 10:34:45 GMT").unwrap();
        let wait = |text| retry_after(text, now);
        assert_eq!(wait(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!((wait("soon"), wait("-7")), (None, None));
        assert_eq!(wait("Wed, 10 Jan 2024 10:36:25 GMT"), Some(Duration::from_secs(100)));
        assert_eq!(wait("Wed, 10 Jan 2024 10:34:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("18446744073709551615"), Some(LONGEST));
    }

    #[test]
    fn a_key_in_a_header_is_not_shown() {
        let header = header_value("authorization", "bearer canary").unwrap();
        assert!(!format!("{header:?}").contains("canary"));
        let error = header_value("x-odoo-database", "a\nb").unwrap_err();
        assert!(error.reason.contains("x-odoo-database"), "{}", error.reason);
    }
}
