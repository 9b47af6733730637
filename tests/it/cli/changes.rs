//! Providers, settings and services changed by the operator.

use crate::program::Folder;

#[test]
fn providers_and_settings_are_changed_and_a_service_is_deleted_after_a_question() {
    let folder = Folder::new();
    folder.done(&["init", "--provider", "ACME", "--name", "Acme Storage"]);
    folder.done(&["provider", "add", "BETA", "--managed-by", "ACME", "--contact-email", "b@example.com"]);
    folder.done(&["provider", "set", "BETA", "--name", "Beta", "--contact-email", "-"]);
    let shown = folder.json(&["provider", "show", "BETA"])["providerdata"].clone();
    assert_eq!([&shown["name"], &shown["contactemail"], &shown["managedby"]], ["Beta", "", "ACME"]);
    let (code, said) = folder.fails(&["provider", "set", "ACME", "--managed-by", "BETA"]);
    assert!(code == Some(1) && said.contains("set in the configuration"), "{said}");

    folder.done(&["settings", "set", "SearchResultsPerPage", "10"]);
    folder.done(&["settings", "set", "API/API_SEND_EMAIL", "True", "--provider", "BETA"]);
    let list = folder.done(&["settings", "list", "--changed"]);
    assert!(list.contains("SearchResultsPerPage                 server        10"), "{list}");
    let list = folder.done(&["settings", "list", "--changed", "--provider", "BETA"]);
    assert!(list.contains("API/API_SEND_EMAIL                   provider      True"), "{list}");
    folder.done(&["settings", "reset", "SearchResultsPerPage"]);
    let one = folder.json(&["settings", "show", "SearchResultsPerPage"]);
    assert_eq!(one["settinglist"]["setting"][0]["source"], "default");
    let (code, said) = folder.fails(&["settings", "set", "SearchResultPage", "10"]);
    assert!(code == Some(1) && said.contains("did you mean SearchResultsPerPage?"), "{said}");

    folder.done(&["service", "add", "till", "--addresses", "192.0.2.7"]);
    let (code, said) = folder.fails(&["service", "delete", "till"]);
    assert!(code == Some(2) && said.contains("--yes"), "{said}");
    folder.done(&["service", "delete", "till", "--yes"]);
    let (code, said) = folder.fails(&["service", "delete", "till", "--yes"]);
    assert!(code == Some(1) && said.contains("service list"), "{said}");
}

#[test]
fn sites_are_made_renamed_given_another_secret_and_removed() {
    let folder = Folder::new();
    folder.done(&["init", "--provider", "ACME"]);
    let made = folder.json(&["site", "add", "tickets"]);
    let (key, secret) = (made["sitekey"].clone(), made["sitesecret"].clone());
    let shown = folder.json(&["site", "key", "tickets"]);
    assert_eq!((&shown["sitekey"], &shown["secretlist"]["secret"][0]["sitesecret"]), (&key, &secret));
    folder.done(&["site", "set", "tickets", "--rename", "box-office", "--enabled", "false"]);
    let next = folder.json(&["site", "rotate", "box-office", "--overlap", "1h"]);
    assert!(next["sitekey"] == key && next["sitesecret"] != secret && next["oldsecretends"] != "");
    let listed = folder.json(&["site", "list", "--provider", "ACME"])["sitelist"]["site"][0].clone();
    assert_eq!(
        (&listed["sitename"], &listed["enabled"], &listed["secrets"]),
        (&"box-office".into(), &false.into(), &2.into())
    );
    folder.done(&["site", "remove", "box-office", "--yes"]);
    assert!(folder.done(&["site", "list"]).contains("none"));
}
