//! What decoding accepts, and what it refuses as what.

use super::*;
use crate::wire::encode::{encode_call, encode_fault};

fn response(inside: &str) -> String {
    format!("<methodResponse><params><param>{inside}</param></params></methodResponse>")
}

fn read(inside: &str) -> Result<Value, DecodeErrorKind> {
    decode_response(response(inside).as_bytes(), &Limits::default())
        .map(|answer| answer.unwrap())
        .map_err(|error| error.kind())
}

fn refused(document: impl AsRef<[u8]>) -> DecodeErrorKind {
    decode_response(document.as_ref(), &Limits::default()).unwrap_err().kind()
}

fn text(text: &str) -> Result<Value, DecodeErrorKind> {
    Ok(Value::from(text))
}

#[test]
fn a_value_without_a_type_is_a_string() {
    assert_eq!(read("<value>Asha</value>"), text("Asha"));
    assert_eq!(read("<value> \n </value>"), text(" \n "));
    assert_eq!(read("<value></value>"), text(""));
    assert_eq!(read("<value/>"), text(""));
    assert_eq!(read("<value><string/></value>"), text(""));
}

#[test]
fn white_space_around_elements_is_nothing_and_inside_of_strings_is_kept() {
    assert_eq!(read("\n<value>\n <string> \t </string>\n</value>\n"), text(" \t "));
    assert_eq!(read("<value>\n<int> 5 </int></value>"), Ok(Value::Int(5)));
}

#[test]
fn references_and_cdata_are_resolved() {
    assert_eq!(read("<value><string>a&amp;&lt;&gt;&quot;&apos;b</string></value>"), text("a&<>\"'b"));
    assert_eq!(read("<value>&#65;&#x1F600;&#13;</value>"), text("A\u{1f600}\r"));
    assert_eq!(read("<value><string>a<![CDATA[<b>&amp;]]>c</string></value>"), text("a<b>&amp;c"));
    assert_eq!(read("<value>a<!-- not this -->b<?nor this?>c</value>"), text("abc"));
    assert_eq!(read("<value><!-- not this --><string>a</string></value>"), text("a"));
}

#[test]
fn literal_line_ends_become_line_feeds_and_written_ones_stay() {
    assert_eq!(read("<value>a\r\nb\rc\nd&#13;\ne&#13;&#10;\r</value>"), text("a\nb\nc\nd\r\ne\r\n\n"));
    assert_eq!(read("<value><![CDATA[a\r\nb]]></value>"), text("a\nb"));
}

#[test]
fn every_spelling_of_an_integer_is_read() {
    for tag in ["int", "i1", "i2", "i4", "i8", "ex:i8", "ex:i1"] {
        assert_eq!(read(&format!("<value><{tag}>-7</{tag}></value>")), Ok(Value::Int(-7)), "{tag}");
    }
}

#[test]
fn nil_is_read_with_a_prefix_and_without() {
    for inside in ["<nil/>", "<ex:nil/>", "<nil></nil>", "<ext:nil xmlns:ext='http://example.org/ext' />"] {
        assert_eq!(read(&format!("<value>{inside}</value>")), Ok(Value::Nil), "{inside}");
    }
    assert_eq!(read("<value><nil>x</nil></value>"), Err(DecodeErrorKind::Text));
}

#[test]
fn arrays_and_structs_nest() {
    let inside = "<value><array><data>
        <value><struct>
            <member><name>a</name><value><array><data/></array></value></member>
            <member><name>a</name><value><struct/></value></member>
            <member><name>b &amp; c</name><value>x</value></member>
        </struct></value>
        <value><int>1</int></value>
    </data></array></value>";
    let members = Struct::new().with("a", Vec::<Value>::new()).with("a", Struct::new()).with("b & c", "x");
    assert_eq!(read(inside), Ok(Value::from(vec![Value::from(members), Value::Int(1)])));
}

#[test]
fn an_answer_without_a_value_is_nil() {
    for document in
        ["<methodResponse><params/></methodResponse>", "<methodResponse><params>\n</params></methodResponse>"]
    {
        assert_eq!(decode_response(document.as_bytes(), &Limits::default()), Ok(Ok(Value::Nil)));
    }
}

#[test]
fn a_fault_is_an_answer() {
    let fault = Fault::new(2, "The operation cannot be completed: <b>\r\n");
    assert_eq!(decode_response(&encode_fault(&fault), &Limits::default()), Ok(Err(fault)));
}

#[test]
fn a_fault_whose_code_is_a_word_is_any_other_fault() {
    for (code, number) in
        [("<string>AccessDenied</string>", 1), ("<string>3</string>", 3), ("<int>4</int>", 4)]
    {
        let document = format!(
            "<methodResponse><fault><value><struct><member><name>faultString</name><value>no</value></member>\
             <member><name>faultCode</name><value>{code}</value></member></struct></value></fault></methodResponse>"
        );
        assert_eq!(
            decode_response(document.as_bytes(), &Limits::default()),
            Ok(Err(Fault::new(number, "no")))
        );
    }
}

#[test]
fn a_fault_of_another_shape_is_an_error_of_its_own() {
    for inside in [
        "<value>no</value>",
        "<value><struct/></value>",
        "<value><struct><member><name>faultCode</name><value><int>1</int></value></member></struct></value>",
    ] {
        let document = format!("<methodResponse><fault>{inside}</fault></methodResponse>");
        let error = decode_response(document.as_bytes(), &Limits::default()).unwrap_err();
        assert_eq!((error.kind(), error.position()), (DecodeErrorKind::Fault, 16));
    }
}

#[test]
fn a_call_reads_back() {
    let params = [Value::from("db"), Value::Int(2), Value::Nil];
    let bytes = encode_call("execute_kw", &params).unwrap();
    let call = decode_call(&bytes, &Limits::default()).unwrap();
    assert_eq!((call.method.as_str(), call.params.as_slice()), ("execute_kw", params.as_slice()));
    assert_eq!(format!("{call:?}"), "Call { method: \"execute_kw\", params: [Text(2 bytes), Int, Nil] }");
}

#[test]
fn a_call_may_lack_its_arguments() {
    for params in ["", "<params/>", "<params></params>"] {
        let document = format!("<methodCall>\n<methodName>version</methodName>\n{params}</methodCall>");
        let call = decode_call(document.as_bytes(), &Limits::default()).unwrap();
        assert_eq!((call.method.as_str(), call.params.len()), ("version", 0));
    }
}

#[test]
fn what_is_no_xml_is_told_from_xml_that_is_wrong() {
    for document in [
        "",
        " \n",
        "\u{feff}",
        "{\"error\": 1}",
        "Bad Gateway",
        "<!DOCTYPE html><html></html>",
        "<!doctype HTML>",
        "<html lang='en'><body/></html>",
        "<HTML>",
        "<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x'><html/>",
        "<!-- proxy --><html/>",
    ] {
        assert_eq!(refused(document), DecodeErrorKind::NotXml, "{document:?}");
    }
    assert_eq!(refused(b"<html><p>caf\xe9</p></html>"), DecodeErrorKind::NotXml);
    assert_eq!(refused("<feed/>"), DecodeErrorKind::Element);
    assert_eq!(refused("<htmlx/>"), DecodeErrorKind::Element);
}

#[test]
fn a_cut_document_is_told_wherever_it_was_cut() {
    let whole = format!(
        "\u{feff}<?xml version='1.0'?>\n<!-- note -->{}",
        response(
            "<value><array><data><value a='>'>Asha &amp; \u{1f600}<![CDATA[x]]></value><value/></data></array></value>"
        )
    );
    for length in 4..whole.len() {
        let error = decode_response(&whole.as_bytes()[..length], &Limits::default()).unwrap_err();
        assert_eq!(error.kind(), DecodeErrorKind::Truncated, "cut at {length}");
        assert!(error.position() <= length, "{error}");
    }
}

#[test]
fn only_utf_8_is_read() {
    let value = response("<value>caf\u{e9}</value>");
    for declaration in [
        "<?xml version='1.0' encoding='utf-8'?>",
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "\u{feff}",
    ] {
        let document = format!("{declaration}{value}");
        assert_eq!(
            decode_response(document.as_bytes(), &Limits::default()),
            Ok(Ok(Value::from("caf\u{e9}")))
        );
    }
    for encoding in ["iso-8859-1", "utf-16", "ascii", ""] {
        assert_eq!(
            refused(format!("<?xml version='1.0' encoding='{encoding}'?>{value}")),
            DecodeErrorKind::Encoding
        );
    }
    assert_eq!(refused(b"\xff\xfe<\0"), DecodeErrorKind::Encoding);
    let error = decode_response(b"<methodResponse>\xe9<", &Limits::default()).unwrap_err();
    assert_eq!((error.kind(), error.position()), (DecodeErrorKind::Encoding, 16));
}

#[test]
fn a_declaration_stands_first_or_nowhere() {
    assert_eq!(
        refused(format!("\n<?xml version='1.0'?>{}", response("<value/>"))),
        DecodeErrorKind::Malformed
    );
}

#[test]
fn document_types_and_their_entities_are_refused() {
    let doctype = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]>";
    assert_eq!(refused(format!("{doctype}{}", response("<value>&b;</value>"))), DecodeErrorKind::Doctype);
    assert_eq!(read("<value>&nbsp;</value>"), Err(DecodeErrorKind::Entity));
    assert_eq!(read("<value>&;</value>"), Err(DecodeErrorKind::Entity));
    assert_eq!(read("<value>a & b</value>"), Err(DecodeErrorKind::Malformed));
}

#[test]
fn characters_that_xml_does_not_allow_are_refused() {
    for inside in ["\u{0}", "\u{1}", "\u{1f}", "&#0;", "&#1;", "&#xD800;", "&#x110000;", "&#xZ;", "&#;"] {
        assert_eq!(read(&format!("<value>{inside}</value>")), Err(DecodeErrorKind::Character), "{inside:?}");
    }
    assert_eq!(read("<value>\u{7f}\u{85}&#x7F;</value>"), text("\u{7f}\u{85}\u{7f}"));
}

#[test]
fn noncharacters_are_read_from_odoo_and_refused_by_it() {
    for inside in ["\u{fffe}", "\u{ffff}", "&#xFFFE;"] {
        assert!(read(&format!("<value>{inside}</value>")).is_ok(), "{inside:?}");
        let call = format!(
            "<methodCall><methodName>f</methodName><params><param><value>{inside}</value></param></params></methodCall>"
        );
        assert_eq!(
            decode_call(call.as_bytes(), &Limits::default()).unwrap_err().kind(),
            DecodeErrorKind::Character,
            "{inside:?}"
        );
    }
}

#[test]
fn elements_in_the_wrong_place_are_refused() {
    for inside in [
        "",
        "<int>1</int>",
        "<value><whole>1</whole></value>",
        "<value><int>1<i4>2</i4></int></value>",
        "<value><int>1</int><int>2</int></value>",
        "<value/><value/>",
        "<value><array/></value>",
        "<value><array><data/><data/></array></value>",
        "<value><array><value/></array></value>",
        "<value><struct><name>a</name></struct></value>",
        "<value><struct><member><value/><name>a</name></member></struct></value>",
        "<value><struct><member><name>a</name></member></struct></value>",
        "<value><struct><member><name>a</name><value/><value/></member></struct></value>",
        "<value><value/></value>",
    ] {
        assert_eq!(read(inside), Err(DecodeErrorKind::Element), "{inside}");
    }
    let value = response("<value/>");
    assert_eq!(refused(format!("{value}<x/>")), DecodeErrorKind::Element);
    assert_eq!(refused("<methodResponse/>"), DecodeErrorKind::Element);
    let two =
        "<methodResponse><params><param><value/></param><param><value/></param></params></methodResponse>";
    assert_eq!(refused(two), DecodeErrorKind::Element);
    assert_eq!(refused(encode_call("f", &[]).unwrap()), DecodeErrorKind::Element);
}

#[test]
fn text_in_the_wrong_place_is_refused() {
    for inside in [
        "x<value/>",
        "<value>x<int>1</int></value>",
        "<value><int>1</int>x</value>",
        "<value><array>x<data/></array></value>",
        "<value><array><data>&amp;</data></array></value>",
        "<value><struct>x</struct></value>",
    ] {
        assert_eq!(read(inside), Err(DecodeErrorKind::Text), "{inside}");
    }
    assert_eq!(refused(format!("{}x", response("<value/>"))), DecodeErrorKind::Text);
}

#[test]
fn xml_that_is_not_well_formed_is_refused() {
    for inside in ["<value></int>", "<value><int>1</i4></value>", "<value><!x></value>", "</x>"] {
        assert_eq!(read(inside), Err(DecodeErrorKind::Malformed), "{inside}");
    }
    assert_eq!(refused(format!("{}</x>", response("<value/>"))), DecodeErrorKind::Malformed);
}

#[test]
fn the_position_is_that_of_the_wrong_value() {
    let document = "\u{feff}<methodResponse><params><param><value><boolean>maybe</boolean></value></param></params></methodResponse>";
    let error = decode_response(document.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Boolean);
    assert_eq!(&document[error.position()..][..9], "<boolean>");
    assert!(!error.to_string().contains("maybe"));
}

fn nested(depth: usize) -> String {
    response(&format!(
        "{}<value/>{}",
        "<value><array><data>".repeat(depth),
        "</data></array></value>".repeat(depth)
    ))
}

#[test]
fn depth_is_limited() {
    let limits = Limits::default().with_depth(3);
    assert!(decode_response(nested(3).as_bytes(), &limits).is_ok());
    assert_eq!(decode_response(nested(4).as_bytes(), &limits).unwrap_err().kind(), DecodeErrorKind::TooDeep);
    let structs =
        response("<value><struct><member><name>a</name><value><struct/></value></member></struct></value>");
    let limits = Limits::default().with_depth(1);
    assert_eq!(decode_response(structs.as_bytes(), &limits).unwrap_err().kind(), DecodeErrorKind::TooDeep);
}

#[test]
fn the_deepest_value_that_is_ever_read_can_be_dropped_on_a_small_stack() {
    let limits = Limits::default().with_depth(usize::MAX);
    let read = move || {
        let value = decode_response(nested(Limits::DEEPEST).as_bytes(), &limits).unwrap().unwrap();
        let same = value.clone();
        assert!(value == same);
        decode_response(nested(Limits::DEEPEST + 1).as_bytes(), &limits).unwrap_err().kind()
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(read).unwrap();
    assert_eq!(thread.join().unwrap(), DecodeErrorKind::TooDeep);
}

#[test]
fn a_million_open_tags_are_refused_and_not_followed() {
    assert_eq!(refused("<value><array><data>".repeat(1_000_000)), DecodeErrorKind::Element);
    let document = format!("<methodResponse><params><param>{}", "<value><array><data>".repeat(1_000_000));
    assert_eq!(refused(document), DecodeErrorKind::TooDeep);
}

#[test]
fn values_are_counted() {
    let document = response("<value><array><data><value/><value/></data></array></value>");
    let limits = Limits::default();
    assert!(decode_response(document.as_bytes(), &limits.with_elements(3)).is_ok());
    let error = decode_response(document.as_bytes(), &limits.with_elements(2)).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::TooManyElements);
}

#[test]
fn bytes_are_counted() {
    let document = response("<value/>");
    let limits = Limits::default();
    assert!(decode_response(document.as_bytes(), &limits.with_bytes(document.len())).is_ok());
    let error = decode_response(document.as_bytes(), &limits.with_bytes(document.len() - 1)).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::TooLarge);
}

#[test]
fn a_name_that_comes_again_is_read_with_its_references_alone() {
    let record = |name: &str| {
        format!(
            "<value><struct><member><name>id</name><value><int>7</int></value></member>\n\
                 <member>\n<name>{name}</name>\n<value><string>x &amp; y</string></value>\n</member></struct></value>"
        )
    };
    let records = |again: &str| {
        read(&format!(
            "<value><array><data>{}{}</data></array></value>",
            record("a&lt;b&amp;c"),
            record(again)
        ))
    };
    let expected = Struct::new().with("id", 7).with("a<b&c", "x & y");
    let both = Value::from(vec![expected.clone().into(), expected.into()]);
    assert_eq!(records("a&lt;b&amp;c"), Ok(both));
    for wrong in ["a<b&amp;c", "a<b&c", "a&lt;b&c"] {
        assert!(records(wrong).is_err(), "{wrong}");
    }
}
