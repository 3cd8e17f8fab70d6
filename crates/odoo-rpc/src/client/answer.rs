//! From an HTTP answer to a value or a fault.

use crate::error::{Error, Result};
use crate::transport::Response;
use crate::wire::{Fault, Limits, Value, decode_response};

/// Reads the answer to `call`, whose body was `sent` bytes long.
pub(crate) fn read(
    call: &str,
    sent: usize,
    answer: &Response,
    limits: &Limits,
) -> Result<Result<Value, Fault>> {
    match answer.status {
        200..300 if looks_like_xml(&answer.body) => decode_response(&answer.body, limits).map_err(|error| {
            let advice = "the call may have been applied; if it was a read, some record may hold control characters (Odoo 14 and 16 send them as they are)";
            Error::protocol(call, format!("the answer is {error}; {advice}"))
        }),
        413 => Err(Error::TooLarge { call: call.to_owned(), bytes: sent }),
        429 => Err(Error::TooMany { call: call.to_owned(), retry_after: answer.retry_after }),
        status => Err(Error::NotOdoo { call: call.to_owned(), status, reason: not_odoo(status) }),
    }
}

/// Odoo's XML-RPC answers are XML whatever their media type says.
fn looks_like_xml(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start();
    body.starts_with(b"<?xml") || body.starts_with(b"<methodResponse")
}

fn not_odoo(status: u16) -> String {
    let what = match status {
        200..300 => {
            "something else than Odoo's XML-RPC answered, such as a login page of a proxy: check the address; the call may have been applied"
        }
        300..=399 => {
            "the server sends elsewhere: use the address that it leads to (often https:// instead of http://, or another host name)"
        }
        401 | 403 | 407 => {
            "a proxy or firewall before the server refuses: let it pass POST requests to /xmlrpc/2/"
        }
        404 | 405 => {
            "there is no Odoo XML-RPC at this address: check host and port, and that a proxy passes /xmlrpc/2/ on"
        }
        502..=504 => {
            "a proxy before the server gave up: the server may be down, or still at work on the call; look before sending it again"
        }
        500.. => "the server failed without an answer of Odoo's: look before sending the call again",
        _ => "the server does not take the request: check the address, and proxies before it",
    };
    format!("HTTP {status}: {what}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Retry;

    fn answer(status: u16, body: &str) -> Error {
        let response = Response::new(status, "text/html", body.into());
        read("res.partner.create", 7, &response, &Limits::default()).unwrap_err()
    }

    #[test]
    fn pages_are_not_answers() {
        for (status, retry) in
            [(200, Retry::AfterLookup), (301, Retry::Never), (404, Retry::Never), (502, Retry::AfterLookup)]
        {
            let error = answer(status, "<html>Canary-Rao</html>");
            assert!(matches!(error, Error::NotOdoo { .. }), "{error:?}");
            assert_eq!(error.retry(), retry);
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(&format!("HTTP {status}")) && !shown.contains("Canary"), "{shown}");
        }
    }

    #[test]
    fn sizes_and_paces_have_their_own_errors() {
        assert_eq!(answer(413, ""), Error::TooLarge { call: "res.partner.create".to_owned(), bytes: 7 });
        assert_eq!(answer(429, "<html>").retry(), Retry::Safe);
    }

    #[test]
    fn a_half_answer_leaves_the_call_in_doubt() {
        let error =
            answer(200, "<?xml version='1.0'?><methodResponse><params><param><value><string>Canary-Rao");
        assert!(matches!(error, Error::Protocol { .. }), "{error:?}");
        assert_eq!(error.retry(), Retry::AfterLookup);
        assert!(!error.to_string().contains("Canary"));
    }
}
