//! Clients that know nothing of this project talk to the sandbox over a socket: Python's own `xmlrpc.client`, JSON-RPC by
//! hand, and what odoorpc sends.
//!
//! `stranger/odoorpc-*.jsonl` hold every request that odoorpc 0.10.1 made in `scripts/stranger`, and what came of it: written
//! down by `scripts/stranger --record` on a new sandbox of that version. The script itself runs against real servers too.

#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::{Command, Output};

use odoo_rpc::sandbox::{Like, Sandbox};

const XML_RPC: &str = r#"
import sys, xmlrpc.client as x
url = sys.argv[1]
common = x.ServerProxy(url + '/xmlrpc/2/common')
assert common.version()['server_version_info'][0] == int(sys.argv[2])
assert common.authenticate('sandbox', 'admin', 'wrong', {}) is False
assert x.ServerProxy(url + '/xmlrpc/2/db').list() == ['sandbox']
uid = common.authenticate('sandbox', 'admin', 'admin', {})
models = x.ServerProxy(url + '/xmlrpc/2/object', allow_none=True)
def kw(*args, **more):
    return models.execute_kw('sandbox', uid, 'admin', args[0], args[1], list(args[2:]), more)
ids = kw('res.partner', 'create', [{'name': 'Asha'}, {'name': 'Ravi', 'ref': None}])
assert [row['name'] for row in kw('res.partner', 'read', ids, ['name'])] == ['Asha', 'Ravi']
loaded = kw('res.partner', 'load', ['name', 'country_id'], [['Bina', 'India'], ['Chitra', 'Nowhere']])
assert loaded['ids'] is False and loaded['messages'][0]['rows'] == {'from': 1, 'to': 1}
try:
    kw('res.partner', 'action_archive', ids)
    raise SystemExit('no fault')
except x.Fault as fault:
    assert fault.faultCode == 1 and 'cannot marshal None' in fault.faultString
assert kw('res.partner', 'search_count', [['id', 'in', ids]]) == 0
try:
    kw('res.partner', 'write', [999999], {'name': 'x'})
    raise SystemExit('no fault')
except x.Fault as fault:
    assert fault.faultCode == 2, fault
assert kw('res.partner', 'unlink', ids) is True
"#;

const JSON_RPC: &str = r#"
import sys, json, urllib.request as u
url, major = sys.argv[1], int(sys.argv[2])
def ask(path, params):
    body = json.dumps({'jsonrpc': '2.0', 'method': 'call', 'params': params, 'id': 7}).encode()
    answer = u.urlopen(u.Request(url + path, body, {'Content-Type': 'application/json'}))
    answer = json.loads(answer.read())
    assert answer['id'] == 7
    return answer
assert ask('/web/webclient/version_info', {})['result']['server_version'] == '%d.0' % major
login = ask('/web/session/authenticate', {'db': 'sandbox', 'login': 'admin', 'password': 'admin'})
uid = login['result']['uid']
assert 'error' in ask('/web/session/authenticate', {'db': 'sandbox', 'login': 'admin', 'password': 'wrong'})
def call(model, method, *args):
    params = {'service': 'object', 'method': 'execute', 'args': ['sandbox', uid, 'admin', model, method] + list(args)}
    return ask('/jsonrpc', params)
context = call('res.users', 'context_get')['result']
assert context.get('uid') == (uid if major > 14 else None) and context['lang'] == 'en_US'
partner = call('res.partner', 'create', {'name': 'Asha'})['result']
assert call('res.partner', 'read', [partner], ['name'])['result'][0]['name'] == 'Asha'
assert 'result' not in call('res.partner', 'action_archive', [partner])
error = call('res.partner', 'create', {'nope': 1})['error']
assert error['code'] == (0 if major == 19 else 200), error
assert error['data']['name'] == 'builtins.ValueError' and 'nope' in error['data']['message']
assert call('res.partner', 'write', [999999], {'name': 'x'})['error']['data']['name'] == 'odoo.exceptions.MissingError'
assert call('res.partner', 'unlink', [partner])['result'] is True
"#;

const REPLAY: &str = r#"
import re, sys, json, urllib.request as u
url, record = sys.argv[1], sys.argv[3]
opener = u.build_opener(u.HTTPCookieProcessor())
def shortened(answer):
    if 'error' in answer:
        return {'error': [answer['error']['code'], answer['error']['data']['name']]}
    if 'result' not in answer:
        return {}
    result = re.sub(r'\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?', '<time>', json.dumps(answer['result']))
    return {'result': '...' if len(result) > 300 else json.loads(result)}
for number, line in enumerate(open(record, encoding='utf-8'), 1):
    line = json.loads(line)
    body = json.dumps({'jsonrpc': '2.0', 'method': 'call', 'params': line['params'], 'id': number}).encode()
    request = u.Request(url + line['path'], body, {'Content-Type': 'application/json'})
    answer = shortened(json.loads(opener.open(request).read()))
    # If the sandbox's own records changed, their ids did: write the requests down anew.
    assert answer == line['answer'], '%s:%d: %s\nanswer: %s\nbefore: %s' % (record, number, line['params'], answer, line['answer'])
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pythons_own_client_is_answered() {
    for like in [Like::Odoo14, Like::Odoo17, Like::Odoo19] {
        converse(XML_RPC, like, "").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_rpc_with_a_password_in_each_call_is_answered() {
    for like in [Like::Odoo14, Like::Odoo16, Like::Odoo19] {
        converse(JSON_RPC, like, "").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_odoorpc_sends_is_answered_as_it_was() {
    for like in [Like::Odoo14, Like::Odoo19] {
        let record = format!("{}/tests/stranger/odoorpc-{}.jsonl", env!("CARGO_MANIFEST_DIR"), like.major());
        converse(REPLAY, like, &record).await;
    }
}

async fn converse(program: &'static str, like: Like, record: &str) {
    let served = Sandbox::new(like).serve("127.0.0.1:0").await.unwrap();
    let (url, major) = (format!("http://{}", served.addr()), like.major().to_string());
    let record = record.to_owned();
    let python = move || Command::new("python3").args(["-c", program, &url, &major, &record]).output();
    let Output { status, stderr, .. } = tokio::task::spawn_blocking(python).await.unwrap().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    served.shutdown().await;
}
