//! Depots: their states, and whether two addresses name one host server.

use schemars::JsonSchema;
use serde::Serialize;

/// The state of a depot `[O]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It may be used.
    Active,
    /// Switched off by its provider.
    Inactive,
}

/// Whether two URLs name one host server: case and a slash at the end make no other one of it.
pub fn same_host(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_server_is_the_same_with_and_without_a_slash() {
        assert!(same_host("https://h.example.com", "HTTPS://h.example.com/"));
        assert!(!same_host("https://h.example.com", "https://h.example.com/other"));
        assert!(!same_host("https://h.example.com", "http://h.example.com"));
    }
}
