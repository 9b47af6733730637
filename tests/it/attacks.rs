//! Attacks: what somebody without the right tries, and the exact refusal that it gets.
//!
//! Read it from top to bottom to see what was thought of. What another test shows already stands in [`ELSEWHERE`] by
//! its name and is not shown twice.

mod checksums;
mod costs;
mod escapes;
mod heads;
mod jobs;
mod replays;
mod sessions;
mod sites;

use crate::source::files;

/// Attacks that are tried elsewhere: what is tried, the file below `tests/it`, and the test.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("a stranger forwards for a service", "http.rs", "a_forwarding_header_counts_from_a_listed_proxy_only"),
    (
        "a proxy that is not listed",
        "http/credentials.rs",
        "a_forwarding_header_cancels_the_exception_for_this_machine",
    ),
    (
        "a proxy says https twice, or not",
        "http/credentials.rs",
        "a_trusted_proxy_says_whether_the_call_came_over_tls",
    ),
    (
        "a claim of TLS in plain text",
        "tls.rs",
        "credentials_are_private_over_tls_and_through_a_proxy_that_says_so",
    ),
    ("two credentials at once", "http/credentials.rs", "two_credentials_prove_nobody"),
    ("a checksum twice", "http.rs", "a_checksum_given_twice_is_malformed"),
    ("a member of JSON twice", "protocol/json.rs", "bad_json_is_refused_and_the_log_knows_why"),
    ("another method's checksum", "protocol/methods.rs", "each_method_opens_for_its_own_checksum_only"),
    ("a body that was changed", "protocol/methods.rs", "a_body_changed_by_one_byte_is_another_body"),
    ("the same bytes again", "protocol/replay.rs", "the_same_bytes_are_accepted_once"),
    ("the same bytes after a restart", "protocol/replay.rs", "a_restart_forgets_nothing"),
    ("the same bytes at the other endpoint", "protocol/json.rs", "a_replay_is_one_on_either_endpoint"),
    ("many at once with the same bytes", "guards/flood.rs", "one_replay_is_accepted_once"),
    (
        "a signed call again, also after a restart",
        "stories/signed.rs",
        "in_plain_text_a_call_is_accepted_once",
    ),
    ("an old or a future time", "stories/signed.rs", "in_plain_text_the_time_must_be_right"),
    ("a signature of other bytes, key or case", "stories/signed.rs", "whatever_is_wrong_is_answered_alike"),
    ("a form whose escapes are signed", "stories/signed.rs", "in_a_form_the_decoded_text_is_signed"),
    ("a warm login again", "stories/warm.rs", "a_mark_against_repetition_is_left_as_ever"),
    ("a session from another address", "stories/sessions.rs", "it_is_bound_to_its_address"),
    ("a token that is nearly right", "stories/sessions.rs", "a_token_that_is_none_is_refused"),
    ("a session that opens another", "stories/sessions.rs", "a_session_opens_no_session"),
    ("a session that outlives its key", "stories/endings.rs", "with_the_key_that_opened_it"),
    ("a scope that a session would widen", "stories/endings.rs", "the_keys_scope_narrows_it"),
    ("a scope beyond the user", "stories/scopes.rs", "a_scope_gives_nothing_that_the_user_lacks"),
    ("a key under a scope that only looks", "stories/scopes.rs", "what_shows_a_key_counts_as_a_change"),
    ("a site without the user's word", "stories/sites.rs", "another_site_needs_the_users_word"),
    (
        "a site that authorises itself",
        "stories/sites.rs",
        "only_the_home_and_the_password_let_another_site_in",
    ),
    ("a site alone", "stories/sites.rs", "without_a_user_it_registers_and_does_nothing_else"),
    ("a page of another site", "http.rs", "a_page_of_another_site_is_refused_before_its_credentials"),
    (
        "a listed page without a session",
        "http/pages.rs",
        "a_listed_page_calls_with_a_session_and_nothing_else",
    ),
    ("a prefix that is no header", "config/api.rs", "a_header_prefix_begins_a_header"),
    (
        "the usual prefix where it is another",
        "http/credentials.rs",
        "the_prefix_of_the_headers_is_configured",
    ),
    ("guesses of keys", "stories/guesses.rs", "ten_wrong_secrets_close_the_door_also_to_the_right_one"),
    ("guesses at once", "guards/flood.rs", "sixty_four_guesses_at_once_count_ten_and_learn_nothing"),
    (
        "guesses of codes",
        "stories/second_factor.rs",
        "ten_wrong_codes_close_the_door_and_a_login_does_not_open_it",
    ),
    ("a code again", "stories/second_factor.rs", "a_code_is_used_once_and_none_before_it_afterwards"),
    ("who is there, by the time it takes", "stories/warm.rs", "nobody_is_told_apart_by_what_a_try_costs"),
    ("who is there, by the answer", "laws/callers.rs", "strangers_do_not_learn_who_is_there"),
    ("another provider's users", "laws/tenants.rs", "another_providers_users_are_unknown"),
    ("a sealed value in another row", "guards/keys.rs", "a_sealed_value_in_anothers_place_is_refused"),
];

#[test]
fn what_is_said_to_be_tried_elsewhere_is() {
    let sources = files(&["tests/it"]);
    for (attack, file, test) in ELSEWHERE {
        let path = format!("tests/it/{file}");
        let source = sources.iter().find(|source| source.path == path);
        let source = source.unwrap_or_else(|| panic!("{attack}: there is no {path}"));
        assert!(source.text.contains(&format!("#[test]\nfn {test}()")), "{attack}: {path} has no {test}");
    }
}
