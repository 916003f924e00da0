//! An admission review taken apart into what is judged and its circumstances.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// A request that is to be judged.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// What is judged: the object, or the old one where nothing is left.
    pub(crate) object: Value,
    /// The object before the change.
    pub(crate) old: Option<Value>,
    /// The request without either.
    pub(crate) request: Value,
}

/// The request of a review; nothing if the document is none. See `AdmissionReview` of `admission.k8s.io/v1`.
///
/// # Errors
///
/// If the review holds no request, or the request no object.
pub(crate) fn take_apart(mut document: Value) -> Result<Option<Request>> {
    let is = |key, text| document.get(key).and_then(Value::as_str) == Some(text);
    if !is("kind", "AdmissionReview") || !is("apiVersion", "admission.k8s.io/v1") {
        return Ok(None);
    }
    let request = document.get_mut("request").map(Value::take);
    let Some(Value::Object(mut request)) = request else {
        bail!("the admission review has no `request`");
    };
    let mut take = |key| request.remove(key).filter(|value| !value.is_null());
    let (object, old) = (take("object"), take("oldObject"));
    let object = object
        .or_else(|| old.clone())
        .context("the request of the admission review has neither `object` nor `oldObject`")?;
    Ok(Some(Request {
        object,
        old,
        request: request.into(),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn review(request: &Value) -> Value {
        json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request})
    }

    #[test]
    fn what_is_deleted_is_judged() {
        let review =
            review(&json!({"operation": "DELETE", "object": null, "oldObject": {"kind": "Pod"}}));
        let expected = Request {
            object: json!({"kind": "Pod"}),
            old: Some(json!({"kind": "Pod"})),
            request: json!({"operation": "DELETE"}),
        };
        assert_eq!(take_apart(review).ok(), Some(Some(expected)));
    }

    #[test]
    fn other_documents_are_none_and_half_a_review_is_an_error() {
        assert_eq!(take_apart(json!({"kind": "Pod"})).ok(), Some(None));
        assert!(take_apart(review(&json!(null))).is_err());
        assert!(take_apart(review(&json!({"operation": "CREATE"}))).is_err());
    }
}
