//! Answers as HTTP replies.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, SERVER, X_CONTENT_TYPE_OPTIONS,
};

use crate::api::Answer;
use crate::api::answer::Kind;
use crate::call::RequestId;

const XML: HeaderValue = HeaderValue::from_static("text/xml; charset=UTF-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=UTF-8");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const PROGRAM: HeaderValue = HeaderValue::from_static(concat!("regserver/", env!("CARGO_PKG_VERSION")));
const POST: HeaderValue = HeaderValue::from_static("POST");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The reply to a call.
pub fn of(answer: Answer, request_id: RequestId) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = match answer.kind {
        Kind::Xml => XML,
        Kind::Json => JSON,
        Kind::Html => HTML,
    };
    let mut reply = with(status, kind, request_id, answer.body);
    if let Some(seconds) = answer.retry_after {
        reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        reply.headers_mut().insert(ALLOW, POST);
    }
    reply
}

/// The page for a path that is not there, in the documented shape.
pub fn not_found(path: &str, request_id: RequestId) -> HttpResponse {
    let mut shown = String::new();
    crate::wire::xml::escape(&mut shown, &path.chars().take(200).collect::<String>());
    let page = format!(
        "<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n\
         <p>The requested URL {shown} was not found on this server.</p>\n</body></html>\n"
    );
    with(StatusCode::NOT_FOUND, HTML, request_id, page)
}

fn with(status: StatusCode, kind: HeaderValue, request_id: RequestId, body: String) -> HttpResponse {
    let mut reply = HttpResponse::with_body(status, actix_web::body::BoxBody::new(body));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(SERVER, PROGRAM);
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    if let Ok(id) = HeaderValue::from_str(request_id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
    reply
}
