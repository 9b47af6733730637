//! `GET /redirect/<name>`: leads where the provider says, and nowhere else.

use super::watch::get;
use crate::program::{CONFIG, Folder, Server, body, header};

const PAGES: &str = r#"
[[provider]]
code = "DEMO"
settings = { REDIRECT.REDIRECT_DOWNLOAD = "https://get.example.com/?from=demo", REDIRECT.REDIRECT_FUSE = "http://fuse.example.com" }
[[provider]]
code = "ACME"
settings = { REDIRECT.REDIRECT_DOWNLOAD = "https://acme.example/bücher", REDIRECT.REDIRECT_HOME = "https://acme.example" }
"#;

#[test]
fn a_redirect_leads_where_its_provider_says() {
    let folder = Folder::configured(&format!("{CONFIG}{PAGES}"));
    let server = Server::start(&folder);
    for (path, to) in [
        ("download", "https://get.example.com/?from=demo"),
        ("fuse", "http://fuse.example.com"),
        ("download?distributor=DEMO&x=1", "https://get.example.com/?from=demo"),
        ("download?distributor=ACME", "https://acme.example/b%C3%BCcher"),
        ("home?x=https://evil.example&distributor=%41CME", "https://acme.example"),
        ("download?url=https://evil.example&to=//evil.example", "https://get.example.com/?from=demo"),
    ] {
        for method in ["GET", "HEAD"] {
            let request = format!("{method} /redirect/{path} HTTP/1.1\r\nHost: x\r\n\r\n");
            let reply = server.send(request.as_bytes());
            assert!(reply.starts_with("HTTP/1.1 302 "), "{path}: {reply}");
            assert_eq!((header(&reply, "location"), body(&reply)), (Some(to), ""), "{path}");
        }
    }
}

#[test]
fn what_nobody_has_set_is_not_found() {
    let folder = Folder::configured(&format!("{CONFIG}{PAGES}"));
    let server = Server::start(&folder);
    for path in [
        "home",
        "order?distributor=ACME",
        "download?distributor=NONE",
        "download?distributor=",
        "download?distributor=%ff",
        "Download",
        "nonsense",
        "",
        "download/",
        "https://evil.example",
        "//evil.example",
    ] {
        let reply = server.send(&get(&format!("/redirect/{path}")));
        assert!(
            reply.starts_with("HTTP/1.1 404 ") && header(&reply, "location").is_none(),
            "{path}: {reply}"
        );
    }
}

#[test]
fn a_redirect_counts_against_the_limit_of_strangers() {
    let limits = "[limits]\nrequests_per_second = 1\nburst = 2\n[server]";
    let folder = Folder::configured(&format!("{}{PAGES}", CONFIG.replace("[server]", limits)));
    let server = Server::start(&folder);
    let ask = || server.send_from("127.0.0.7", &get("/redirect/download"));
    assert!(ask().starts_with("HTTP/1.1 302 ") && ask().starts_with("HTTP/1.1 302 "));
    let reply = ask();
    assert!(reply.starts_with("HTTP/1.1 429 ") && header(&reply, "retry-after").is_some(), "{reply}");
}
