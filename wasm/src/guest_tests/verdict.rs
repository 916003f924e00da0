//! The verdict of a module without policies, and settings.

use super::{Guest, Runtime};

fn verdict(guest: &mut Guest, json: &[u8], context: &[u8]) -> serde_json::Value {
    let (json, len) = guest.put(json);
    let (context, context_len) = guest.put(context);
    let answer: u32 = guest.call("palisade_evaluate_json", (json, len, context, context_len));
    let text = guest.text(guest.word(answer), guest.word(answer + 4));
    serde_json::from_str(&text).unwrap()
}

/// The problems of settings as path and message.
fn configure(guest: &mut Guest, json: &[u8]) -> Vec<(String, String)> {
    let place = guest.put(json);
    let mut next: u32 = guest.call("palisade_configure", place);
    let mut problems = Vec::new();
    while next != 0 {
        let text = |at| guest.text(guest.word(at), guest.word(at + 4));
        problems.push((text(next + 4), text(next + 12)));
        next = guest.word(next);
    }
    problems
}

#[test]
fn nothing_is_found_without_policies() {
    let mut guest = Runtime::get().guest(&[], b"");
    let found = verdict(&mut guest, br#"{"apiVersion":"v1","kind":"Pod"}"#, b"");
    assert_eq!(
        found,
        serde_json::json!({"version": 1, "findings": [], "unknown": [], "notApplicable": [], "errors": []})
    );
    let found = verdict(&mut guest, b"{", b"");
    assert_eq!(found["errors"][0]["message"], "the document is no JSON");
    let found = verdict(&mut guest, b"{}", b"[\"\xff\"]");
    assert_eq!(found["errors"][0]["message"], "the context is no UTF-8");
}

#[test]
fn settings_are_empty_or_refused() {
    let mut guest = Runtime::get().guest(&[], b"");
    assert_eq!(configure(&mut guest, b""), []);
    assert_eq!(configure(&mut guest, b" {} "), []);
    let unknown = "is neither a policy of this module nor its pack";
    assert_eq!(
        configure(&mut guest, br#"{"spec":1,"a\"b":{}}"#),
        [
            ("spec".into(), unknown.into()),
            ("[\"a\\\"b\"]".into(), unknown.into())
        ]
    );
    // Refused settings leave the module unusable until others are accepted.
    let found = verdict(&mut guest, b"{}", b"");
    assert_eq!(found["errors"][0]["message"], "the settings were refused");
    assert_eq!(
        configure(&mut guest, b"[]"),
        [(String::new(), "is a list where a map is expected".into())]
    );
    assert_eq!(
        configure(&mut guest, b"{"),
        [(String::new(), "is no JSON".into())]
    );
    assert_eq!(configure(&mut guest, b"{}"), []);
    assert_eq!(
        verdict(&mut guest, b"{}", b"")["errors"],
        serde_json::json!([])
    );
}
