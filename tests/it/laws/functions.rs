//! The engine of access held against a table that it was not written for: the security categories of
//! the VETtrak API, two hundred functions with what each of four kinds of login may do.
//!
//! A *client* is a person, an *employer* an account manager without API access; *own* means the client
//! code, enrolment or employer that the login itself is. What the document states stands here case by
//! case; the verdict is the product's own.

use std::collections::BTreeMap;

use regserver::access::{Class, Power, Reason, Standing, Tie};

/// The document's functions: name, category, what they are about, whom they let in.
const TABLE: &str = include_str!("../../../fixtures/access/functions.tsv");

struct Function {
    name: &'static str,
    class: Class,
    /// Category and rule, the key of what is expected.
    rule: String,
}

fn functions() -> Vec<Function> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .map(|line| {
            let [name, category, about, clients, employers] =
                line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            let class = match (category, clients, employers) {
                ("Public", ..) => Class::Public,
                ("Unrestricted", ..) => Class::Unrestricted,
                ("Protected", ..) => Class::Protected,
                ("Restricted", "own", "all") => Class::Restricted(&[Tie::Own, Tie::AnyManager]),
                ("Restricted", "own", "none") => Class::Restricted(&[Tie::Own]),
                ("Restricted", "none", "own") => Class::Restricted(&[Tie::Manager]),
                _ => panic!("{line}"),
            };
            assert_eq!(about == "-", category != "Restricted", "{line}");
            Function { name, class, rule: format!("{category} {clients} {employers}") }
        })
        .collect()
}

/// The four kinds of login, each towards its own and towards somebody else's.
fn logins() -> [(&'static str, Standing<'static>); 7] {
    let person = |power, manager, ties| Standing { power, manager, ties };
    [
        ("nobody", person(Power::Nobody, false, &[])),
        ("client, own", person(Power::Own, false, &[Tie::Own])),
        ("client, another's", person(Power::Own, false, &[])),
        ("client with API access, own", person(Power::Full, false, &[Tie::Own])),
        ("client with API access, another's", person(Power::Full, false, &[])),
        ("employer, own", person(Power::Own, true, &[Tie::Manager, Tie::AnyManager])),
        ("employer, another's", person(Power::Own, true, &[Tie::AnyManager])),
    ]
}

/// What the document states for each category and rule, in the order of [`logins`].
fn stated(rule: &str) -> [Result<(), Reason>; 7] {
    use Reason::{
        ManagersOnly, NoCredential, NoManagers, NotManaged, NotOwn, Protected, ProtectedFromManagers,
    };
    let (yes, token) = (Ok(()), Err(NoCredential));
    match rule {
        "Public - -" => [yes; 7],
        "Unrestricted - -" => [token, yes, yes, yes, yes, yes, yes],
        "Protected - -" => {
            let (client, employer) = (Err(Protected), Err(ProtectedFromManagers));
            [token, client, client, yes, yes, employer, employer]
        }
        "Restricted own all" => [token, yes, Err(NotOwn), yes, yes, yes, yes],
        "Restricted own none" => [token, yes, Err(NotOwn), yes, yes, Err(NoManagers), Err(NoManagers)],
        "Restricted none own" => {
            [token, Err(ManagersOnly), Err(ManagersOnly), yes, yes, yes, Err(NotManaged)]
        }
        _ => panic!("{rule}"),
    }
}

#[test]
fn every_function_lets_in_whom_the_document_lets_in() {
    let functions = functions();
    let mut count = BTreeMap::new();
    for Function { name, class, rule } in &functions {
        *count.entry(rule.split(' ').next().unwrap().to_owned()).or_insert(0) += 1;
        for ((login, standing), stated) in logins().into_iter().zip(stated(rule)) {
            assert_eq!(class.judge(standing), stated, "{name} ({rule}): {login}");
        }
    }
    let count: Vec<(&str, i32)> = count.iter().map(|(category, count)| (category.as_str(), *count)).collect();
    assert_eq!(count, [("Protected", 103), ("Public", 17), ("Restricted", 55), ("Unrestricted", 41)]);
}

/// The document has six cases of messages behind its status -6, each with a text of its own.
#[test]
fn each_of_the_six_refusals_has_a_text_that_says_who_can_help() {
    let mut reasons: Vec<Reason> = Vec::new();
    for function in functions() {
        let refused = logins().into_iter().filter_map(|(_, standing)| function.class.judge(standing).err());
        for reason in refused.filter(|reason| *reason != Reason::NoCredential) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
    }
    let mut texts: Vec<String> = reasons.iter().map(|reason| reason.text("getuserdata", "DEMO")).collect();
    for text in &texts {
        assert!(
            text.starts_with("Access denied: getuserdata is ") || text.contains("getuserdata shows"),
            "{text}"
        );
        assert!(text.contains("API-ACCESS") && text.contains("provider level"), "{text}");
    }
    texts.sort_unstable();
    texts.dedup();
    assert_eq!((reasons.len(), texts.len()), (6, 6));
}

/// More power never lets a caller do less, and a tie never harms.
#[test]
fn power_and_ties_only_ever_add() {
    let ties = [Tie::Own, Tie::HisManager, Tie::Member, Tie::Manager, Tie::AnyManager];
    let powers = [Power::Nobody, Power::Own, Power::Full, Power::Provider, Power::Server];
    let classes = functions().into_iter().map(|function| function.class);
    for class in classes.chain([Class::Provider, Class::Server]) {
        for manager in [false, true] {
            for some in 0..=ties.len() {
                let allowed = |power, some: usize| {
                    class.judge(Standing { power, manager, ties: &ties[..some] }).is_ok()
                };
                assert!(powers.is_sorted_by_key(|power| allowed(*power, some)), "{class:?}");
                for power in powers {
                    assert!((0..=some).map(|fewer| allowed(power, fewer)).is_sorted(), "{class:?} {power:?}");
                }
                // Without a credential nothing but public commands, whatever joins the caller to anyone.
                assert_eq!(allowed(Power::Nobody, some), class == Class::Public);
            }
        }
    }
}
