//! The addresses in clients and mails that lead to a provider's own pages: `GET /redirect/<name>` `[D]`.
//!
//! Where they lead is said by the provider's settings alone. Nothing of the request gets into the address: a
//! link to this server must not be able to lead where its author likes. Where no address is set, there may be a page of
//! the provider's own, which can say what stands in the request.

use std::fmt::Write;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use actix_web::{HttpRequest, HttpResponse};

use super::page::{self, Forms};
use super::reply;
use crate::call::RequestId;
use crate::domain::settings::ProviderSettings;
use crate::mail::{self, Family, Named, Page, Values};
use crate::snapshot::{Provider, Snapshot};
use crate::wire::form;

/// The most arguments of a request that a page can say.
const MOST_ARGUMENTS: usize = 100;

/// The name in the path.
pub fn name(path: &str) -> Option<&str> {
    path.strip_prefix("/redirect/")
}

/// Leads to the address that the provider has set, else shows the page that it has written; where there is neither,
/// there is no such page.
pub fn reply(snapshot: &Snapshot, request: &HttpRequest, id: RequestId) -> HttpResponse {
    let missing = || reply::not_found(request.path(), id);
    let (Some(name), Some(provider)) = (name(request.path()), provider(snapshot, request.query_string()))
    else {
        return missing();
    };
    match url(&provider.settings, name).filter(|url| is_web(url)) {
        Some(url) => reply::found(&visible(url), id),
        None => written(snapshot, provider, name, request, id).unwrap_or_else(missing),
    }
}

/// The provider that `distributor` names, or the default one.
fn provider<'a>(snapshot: &'a Snapshot, query: &str) -> Option<&'a Provider> {
    let mut given = form::values(query.as_bytes(), b"distributor").filter_map(form::decoded);
    let code = match given.next() {
        Some(code) => String::from_utf8(code).ok()?,
        None => snapshot.server.default_provider.clone(),
    };
    snapshot.provider(&code).map(|provider| &**provider)
}

/// The provider's own page of that name.
fn written(
    snapshot: &Snapshot,
    provider: &Provider,
    name: &str,
    request: &HttpRequest,
    id: RequestId,
) -> Option<HttpResponse> {
    let named = Named::of(Family::Page, &format!("redirect-{name}"))?;
    let written: Vec<String> = provider.templates.languages(named).into_iter().map(str::to_owned).collect();
    let wanted = page::text(request, ACCEPT_LANGUAGE);
    let liked = page::preferred(wanted, &written).unwrap_or(&provider.settings.default_language);
    // Only a provider can have written one, so in no language there may be none at all.
    let language = mail::chosen(provider, named, liked).map(|chosen| chosen.language);
    let language = language.or(written.first().map(String::as_str))?;
    let mut values = Values::of(snapshot, provider);
    values.set("PLATFORM", page::platform(page::text(request, USER_AGENT)));
    for (argument, value) in arguments(request.query_string()) {
        values.give(&argument, &value);
    }
    match mail::page(provider, named, language, &values) {
        Ok(Page::Elsewhere(to)) => Some(reply::found(&to, id)),
        Ok(Page::Html(html)) => Some(page::reply(StatusCode::OK, html, Forms::Web, id)),
        Err(error) => {
            log::error!("{} {error}", id.as_str());
            None
        }
    }
}

/// The arguments of a request, by their names in capital letters; of two with one name the first counts.
fn arguments(query: &str) -> impl Iterator<Item = (String, String)> {
    let text = |part: &str| form::decoded(part.as_bytes()).and_then(|part| String::from_utf8(part).ok());
    query.split('&').take(MOST_ARGUMENTS).filter_map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((text(name)?.to_ascii_uppercase().replace('-', "_"), text(value)?))
    })
}

fn url<'a>(settings: &'a ProviderSettings, name: &str) -> Option<&'a str> {
    match name {
        "download" => Some(&settings.redirect_download),
        "home" => Some(&settings.redirect_home),
        "order" => Some(&settings.redirect_order),
        "fuse" => Some(&settings.redirect_fuse),
        _ => None,
    }
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// What a header can hold of it: all else is written as its bytes.
fn visible(url: &str) -> String {
    let mut text = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'!'..=b'~' => text.push(char::from(byte)),
            // A string takes all that is written.
            byte => drop(write!(text, "%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_and_nothing_that_breaks_a_header() {
        for (url, web) in
            [("https://a", true), ("http://a", true), ("javascript:x", false), ("//a", false), ("", false)]
        {
            assert_eq!(is_web(url), web, "{url}");
        }
        assert_eq!(visible("https://a/b?c=d&e=%20"), "https://a/b?c=d&e=%20");
        assert_eq!(visible("https://bücher.example/\r\nX: y"), "https://b%C3%BCcher.example/%0D%0AX:%20y");
    }
}
