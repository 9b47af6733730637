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
fn a_page_of_the_providers_own_stands_where_no_address_is_set() {
    let folder = Folder::configured(&format!("{CONFIG}{PAGES}"));
    let server = Server::start(&folder);
    let set = |fields: &str| {
        let reply = server.call("settemplate", fields);
        assert!(reply.contains("<intresult>0"), "{reply}");
    };
    let html = "<h1>[[BRAND]]</h1><p>[[PRODUCT]] on [[PLATFORM]]</p>[[IF:COUPON_CODE=x y]]<b>cheap</b>[[ENDIF:COUPON_CODE]][[NEVER]]!";
    for name in ["home", "download"] {
        set(&format!("template=redirect-{name} language=en html='{html}'"));
    }
    set("template=redirect-home language=de html='<p>Hallo [[PRODUCT]]</p>'");
    let ask = |path: &str, headers: &str| {
        server.send(format!("GET /redirect/{path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n").as_bytes())
    };
    let reply = ask(
        "home?product=%3Cscript%3E&coupon-code=x+y&brand=evil&platform=evil&PRODUCT=second",
        "User-Agent: X (Windows NT 10.0)\r\n",
    );
    assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
    assert_eq!(body(&reply), "<h1>DEMO</h1><p>&lt;script&gt; on win</p><b>cheap</b>!");
    assert_eq!(header(&reply, "x-frame-options"), Some("DENY"));
    let policy = header(&reply, "content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert_eq!(body(&ask("home", "")), "<h1>DEMO</h1><p> on web</p>!");
    assert_eq!(body(&ask("home?product=x", "Accept-Language: de\r\n")), "<p>Hallo x</p>");
    // The address goes before the page, and other providers have neither.
    assert!(ask("download", "").starts_with("HTTP/1.1 302 "));
    assert!(ask("order", "").starts_with("HTTP/1.1 404 "));
    assert!(ask("order?distributor=ACME", "").starts_with("HTTP/1.1 404 "));
    let listed = server.call("searchtemplate", "template=redirect-*");
    assert!(listed.contains("<total>4</total>") && !listed.contains("redirect-order"), "{listed}");
    for (fields, why) in [
        ("template=redirect-home html='[[product]]'", "in capital letters: PRODUCT"),
        ("template=redirect-away html=x", "Template not found; did you mean"),
        ("template=redirect-home text='Location: /here'", "Location: must be followed by one address"),
    ] {
        let reply = server.call("settemplate", fields);
        assert!(reply.contains(why), "{reply}");
    }
    let reply = server.call("gettemplate", "template=redirect-order");
    assert!(reply.contains("none is built in, and settemplate writes one"), "{reply}");
    set("template=redirect-home language=de text='Location: https://www.example.com/de'");
    assert_eq!(
        header(&ask("home", "Accept-Language: de\r\n"), "location"),
        Some("https://www.example.com/de")
    );
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
