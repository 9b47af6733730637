//! The section `[api]`: origins of pages, and the headers of credentials.

use super::{faults, read, with_env};

#[test]
fn origins_are_written_as_browsers_write_them() {
    let good = [
        "https://app.example.com",
        "http://localhost:3000",
        "https://a-b_c.example:8443",
        "http://[::1]:8080",
        "https://[2001:db8::1]",
    ];
    let config = read(&format!("[api]\ncors_origins = {good:?}\nheader_prefix = 'X-Acme-1'"));
    assert_eq!(config.api.cors_origins, good);
    let must = "must be scheme://host or scheme://host:port in lower case, such as https://app.example.com";
    let wildcard = "would let in pages that nobody has named: list each origin by itself";
    let port = "names the port that its scheme has anyway: leave it out, as browsers do";
    for (origin, why) in [
        ("*", wildcard),
        ("https://*.example.com", wildcard),
        ("https://app.example.com:443", port),
        ("http://app.example.com:80", port),
        ("", must),
        ("null", must),
        ("app.example.com", must),
        ("https://", must),
        ("https://:8443", must),
        ("https://App.example.com", must),
        ("HTTPS://app.example.com", must),
        ("https://app.example.com/", must),
        ("https://app.example.com/x", must),
        ("https://app.example.com?x", must),
        ("https://app.example.com:", must),
        ("https://app.example.com:0", must),
        ("https://app.example.com:08", must),
        ("https://app.example.com:65536", must),
        ("https://user@app.example.com", must),
        ("https://[::0001]", must),
        ("https://[::1]x", must),
        ("https://a b", must),
        ("ftp://app.example.com", must),
        ("wss://app.example.com", must),
    ] {
        let found = faults(&format!("[api]\ncors_origins = ['{origin}']"));
        assert_eq!(found, [format!("line 2: `api.cors_origins`: `{origin}` {why}")]);
    }
    let found = with_env("", &[("REGSERVER_API_CORS_ORIGINS", "https://a.example, *")]).unwrap_err();
    assert_eq!(found, [format!("REGSERVER_API_CORS_ORIGINS: `api.cors_origins`: `*` {wildcard}")]);
}

#[test]
fn a_header_prefix_begins_a_header() {
    let why = "`api.header_prefix` must be X- with letters, digits and hyphens behind it, such as X-VEHMAN";
    for prefix in ["", "X-", "VEHMAN", "x-vehman", "X-A B", "X-A:", "X-Ä", "X-A_B"] {
        let found = faults(&format!("[api]\nheader_prefix = '{prefix}'"));
        assert_eq!(found, [format!("line 2: {why}")], "{prefix}");
    }
    let env =
        [("REGSERVER_API_HEADER_PREFIX", "X-Acme"), ("REGSERVER_API_ALLOW_PLAINTEXT_CREDENTIALS", "true")];
    let api = with_env("", &env).unwrap().api;
    assert_eq!((api.header_prefix.as_str(), api.allow_plaintext_credentials), ("X-Acme", true));
    assert_eq!(
        faults("[api]\ncors_origins = 'https://a.example'"),
        ["line 2: `api.cors_origins` must be a list of origins, such as [\"https://app.example.com\"]"]
    );
}
