//! The addresses in clients and mails that lead to a provider's own pages: `GET /redirect/<name>` `[D]`.
//!
//! Where they lead is said by the provider's settings alone. Nothing of the request gets into the address: a
//! link to this server must not be able to lead where its author likes.

use std::fmt::Write;

use actix_web::{HttpRequest, HttpResponse};

use super::reply;
use crate::call::RequestId;
use crate::domain::settings::ProviderSettings;
use crate::snapshot::Snapshot;
use crate::wire::form;

/// The name in the path.
pub fn name(path: &str) -> Option<&str> {
    path.strip_prefix("/redirect/")
}

/// Leads to the address that the provider has set; where it has set none there is no such page.
pub fn reply(snapshot: &Snapshot, request: &HttpRequest, id: RequestId) -> HttpResponse {
    let to = name(request.path()).and_then(|name| target(snapshot, name, request.query_string()));
    match to {
        Some(to) => reply::found(&to, id),
        None => reply::not_found(request.path(), id),
    }
}

/// Where that name leads for the provider that `distributor` names, or for the default one.
fn target(snapshot: &Snapshot, name: &str, query: &str) -> Option<String> {
    let mut given = form::values(query.as_bytes(), b"distributor").filter_map(form::decoded);
    let code = match given.next() {
        Some(code) => String::from_utf8(code).ok()?,
        None => snapshot.server.default_provider.clone(),
    };
    let provider = snapshot.provider(&code)?;
    let url = url(&provider.settings, name).filter(|url| is_web(url))?;
    Some(visible(url))
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
