//! What goes over the wire: pages, codes, sizes, and characters that XML has not.

use odoo_rpc::sandbox::Sandbox;
use odoo_rpc::transport::{Request, Response, Transport};
use odoo_rpc::wire::{Limits, Struct, Value, decode_json, decode_response, encode_call};

use crate::ALL;

async fn ask(odoo: &Sandbox, request: Request) -> Response {
    odoo.send(request).await.unwrap()
}

async fn json_rpc(odoo: &Sandbox, call: &str) -> Struct {
    let body = format!(
        r#"{{"jsonrpc": "2.0", "id": 1, "params": {{"service": "object", "method": "execute", "args": ["sandbox", 2, "admin", {call}]}}}}"#
    );
    let answer = ask(odoo, Request::json("/jsonrpc", body.into_bytes())).await;
    let Ok(Value::Struct(answer)) = decode_json(&answer.body, &Limits::default()) else {
        panic!("no object")
    };
    answer
}

#[tokio::test]
async fn an_error_of_json_rpc_has_the_code_200_up_to_17() {
    for like in ALL {
        let answer = json_rpc(&Sandbox::new(like), r#""res.partner", "nope""#).await;
        let code = answer.get("error").and_then(|error| error.as_struct()?.get("code")?.as_int());
        assert_eq!(code, Some(if like.major() == 19 { 0 } else { 200 }), "{like:?}");
    }
}

#[tokio::test]
async fn a_control_character_breaks_the_answer_up_to_16_and_is_left_out_from_17_on() {
    for like in ALL {
        let odoo = Sandbox::new(like);
        let made = json_rpc(&odoo, r#""res.partner", "create", {"name": "As\u0001ha"}"#).await;
        let id = made.get("result").unwrap().clone();
        let fields = vec![vec![id].into(), vec![Value::from("name")].into()];
        let login = ["sandbox".into(), 2.into(), "admin".into()];
        let params: Vec<Value> =
            login.into_iter().chain(["res.partner".into(), "read".into(), fields.into()]).collect();
        let call = encode_call("execute_kw", &params).unwrap();
        let answer = ask(&odoo, Request::xml("/xmlrpc/2/object", call)).await;
        let raw = answer.body.contains(&1);
        assert_eq!(raw, like.major() <= 16, "{like:?}");
        if !raw {
            let records = decode_response(&answer.body, &Limits::default()).unwrap().unwrap();
            let record = records.as_array().unwrap()[0].as_struct().unwrap().clone();
            assert_eq!(record.get("name"), Some(&Value::from("Asha")), "{like:?}");
        }
    }
}

#[tokio::test]
async fn a_body_of_129_mib_is_refused_from_17_on() {
    for like in ALL {
        let body = vec![b' '; 129 * 1024 * 1024];
        let answer = ask(&Sandbox::new(like), Request::xml("/xmlrpc/2/object", body)).await;
        assert_eq!(answer.status == 413, like.major() >= 17, "{like:?}");
    }
}

#[tokio::test]
async fn json_2_and_the_version_page_are_there_on_19_alone() {
    for like in ALL {
        let odoo = Sandbox::new(like);
        let asked = Request::json("/json/2/res.partner/search", b"{}".to_vec());
        let (json_2, page) =
            (ask(&odoo, asked).await.status, ask(&odoo, Request::get("/web/version")).await.status);
        let expected = if like.major() == 19 { (401, 200) } else { (404, 404) };
        assert_eq!((json_2, page), expected, "{like:?}");
    }
}
