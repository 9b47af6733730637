//! Answers as HTTP replies.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName,
    HeaderValue, LOCATION, RETRY_AFTER, SERVER, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS,
};

use crate::api::Answer;
use crate::api::answer::Kind;
use crate::call::RequestId;

const XML: HeaderValue = HeaderValue::from_static("text/xml; charset=UTF-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=UTF-8");
/// The format of the numbers, which Prometheus asks for.
const NUMBERS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=UTF-8");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const PROGRAM: HeaderValue = HeaderValue::from_static(concat!("regserver/", env!("CARGO_PKG_VERSION")));
const POST: HeaderValue = HeaderValue::from_static("POST");
const GET: HeaderValue = HeaderValue::from_static("GET, HEAD");
const GET_OR_POST: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Seconds for which a browser may remember what pages of a site may send.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");
const BY_ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
/// What a page may read besides the body.
const EXPOSED: HeaderValue = HeaderValue::from_static("X-Request-Id, Retry-After");

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

/// The answer to a browser that asks what a page of a listed site may send.
pub fn preflight(origin: HeaderValue, headers: HeaderValue, request_id: RequestId) -> HttpResponse {
    let mut reply = bare(StatusCode::NO_CONTENT, request_id, String::new());
    share(&mut reply, origin);
    reply.headers_mut().insert(ACCESS_CONTROL_ALLOW_METHODS, POST);
    reply.headers_mut().insert(ACCESS_CONTROL_ALLOW_HEADERS, headers);
    reply.headers_mut().insert(ACCESS_CONTROL_MAX_AGE, REMEMBERED);
    reply
}

/// Lets a page of a listed site read the reply to its call.
pub fn readable_by(mut reply: HttpResponse, origin: HeaderValue) -> HttpResponse {
    share(&mut reply, origin);
    reply.headers_mut().insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    reply
}

fn share(reply: &mut HttpResponse, origin: HeaderValue) {
    reply.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    reply.headers_mut().insert(VARY, BY_ORIGIN);
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

/// The kind of a short answer.
pub enum Text {
    /// Words for people and probes.
    Plain,
    /// The protocol's XML.
    Xml,
    /// Numbers for Prometheus.
    Numbers,
    /// A few words for programs.
    Json,
}

/// A short answer.
pub fn text(status: StatusCode, kind: Text, body: String, request_id: RequestId) -> HttpResponse {
    let kind = match kind {
        Text::Plain => TEXT,
        Text::Xml => XML,
        Text::Numbers => NUMBERS,
        Text::Json => JSON,
    };
    with(status, kind, request_id, body)
}

/// The answer to another method than GET where only that has a meaning.
pub fn get_only(request_id: RequestId) -> HttpResponse {
    let words = "GET it\n".to_owned();
    let mut reply = text(StatusCode::METHOD_NOT_ALLOWED, Text::Plain, words, request_id);
    reply.headers_mut().insert(ALLOW, GET);
    reply
}

/// The answer to another method where one asks by GET and does by POST.
pub fn asked_or_posted_only(request_id: RequestId) -> HttpResponse {
    let words = "GET it, or POST its form\n".to_owned();
    let mut reply = text(StatusCode::METHOD_NOT_ALLOWED, Text::Plain, words, request_id);
    reply.headers_mut().insert(ALLOW, GET_OR_POST);
    reply
}

/// A page as the answer of a server that has too much to do.
pub fn busy(mut page: HttpResponse, seconds: i64) -> HttpResponse {
    *page.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    page.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    page
}

/// The answer to another method where a client tries its way here.
pub fn trial_only(request_id: RequestId) -> HttpResponse {
    let mut reply =
        text(StatusCode::METHOD_NOT_ALLOWED, Text::Plain, "GET or POST it\n".to_owned(), request_id);
    reply.headers_mut().insert(ALLOW, GET_OR_POST);
    reply
}

/// Tells browsers to come back only encrypted.
pub fn only_encrypted(reply: &mut HttpResponse, how_long: &HeaderValue) {
    reply.headers_mut().insert(STRICT_TRANSPORT_SECURITY, how_long.clone());
}

/// A page.
pub fn html(status: StatusCode, page: String, request_id: RequestId) -> HttpResponse {
    with(status, HTML, request_id, page)
}

/// The answer to whoever asks too often.
pub fn too_many(seconds: i64, request_id: RequestId) -> HttpResponse {
    let words = format!("too many requests: try again in {seconds} s\n");
    let mut reply = text(StatusCode::TOO_MANY_REQUESTS, Text::Plain, words, request_id);
    reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    reply
}

/// Leads to that address, which must be of visible characters.
pub fn found(to: &str, request_id: RequestId) -> HttpResponse {
    lead(StatusCode::FOUND, to, request_id)
}

/// The same after a form was sent.
pub fn see_other(to: &str, request_id: RequestId) -> HttpResponse {
    lead(StatusCode::SEE_OTHER, to, request_id)
}

fn lead(status: StatusCode, to: &str, request_id: RequestId) -> HttpResponse {
    let Ok(to) = HeaderValue::from_str(to) else { return not_found("", request_id) };
    let mut reply = bare(status, request_id, String::new());
    reply.headers_mut().insert(LOCATION, to);
    reply
}

fn with(status: StatusCode, kind: HeaderValue, request_id: RequestId, body: String) -> HttpResponse {
    let mut reply = bare(status, request_id, body);
    reply.headers_mut().insert(CONTENT_TYPE, kind);
    reply
}

/// With the headers that every reply has.
fn bare(status: StatusCode, request_id: RequestId, body: String) -> HttpResponse {
    let mut reply = HttpResponse::with_body(status, actix_web::body::BoxBody::new(body));
    let headers = reply.headers_mut();
    headers.insert(SERVER, PROGRAM);
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    if let Ok(id) = HeaderValue::from_str(request_id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
    reply
}
