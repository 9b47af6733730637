//! The links in mails: where each one leads, what its page does, and which pages belong to it.
//!
//! Mails make links of this table and `http` answers by it, so that no mail can have a link to a page that is not
//! there. A link holds a code and nothing else: whose it is and what for stands in the store.

use super::{Family, Named};
use crate::store::codes::Purpose;

/// Where pages may differ by what the person sits at; the last one is for all else.
pub const PLATFORMS: [&str; 6] = ["win", "mac", "linux", "ios", "android", "web"];

/// A link of a mail.
#[derive(Debug)]
pub struct Link {
    /// The path in front of the code.
    pub path: &'static str,
    /// The command that does it.
    pub command: &'static str,
    /// What its code is good for.
    pub purpose: Purpose,
    /// Whether its page asks for a password.
    pub password: bool,
    /// How the names of its pages begin.
    pages: &'static str,
    /// The mail that has it, and as which variable.
    mail: (&'static str, &'static str),
}

/// How a link ends that does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dead {
    /// It was used.
    Already,
    /// It is over: expired, or what it was for is.
    Invalid,
    /// There is no such code.
    NotFound,
    /// A fault of ours.
    Error,
}

/// Every link.
pub static LINKS: [Link; 6] = [
    Link {
        path: "/activate/",
        command: "activateuser",
        purpose: Purpose::Activation,
        password: false,
        pages: "activated",
        mail: ("activationlink", "ACTIVATIONLINK"),
    },
    Link {
        path: "/password/",
        command: "activateuser",
        purpose: Purpose::Activation,
        password: true,
        pages: "passwordset",
        mail: ("activationsetpassword", "ACTIVATIONLINK"),
    },
    Link {
        path: "/email/",
        command: "confirmemail",
        purpose: Purpose::Email,
        password: false,
        pages: "emailconfirmed",
        mail: ("emailchangedtonew", "ACTIVATIONLINK"),
    },
    Link {
        path: "/delete/",
        command: "confirmuserdeletion",
        purpose: Purpose::Deletion,
        password: false,
        pages: "deleted",
        mail: ("deletion-requested", "ACTIVATIONLINK"),
    },
    Link {
        path: "/group/join/",
        command: "userjoinedgroup",
        purpose: Purpose::GroupJoin,
        password: false,
        pages: "joined",
        mail: ("group-invitation", "JOINLINK"),
    },
    Link {
        path: "/group/reject/",
        command: "userrejectedgroup",
        purpose: Purpose::GroupRefusal,
        password: false,
        pages: "rejected",
        mail: ("group-invitation", "REJECTLINK"),
    },
];

impl Link {
    /// The link with that path, and the code in it. A path that ends before its code is a link without a code.
    pub fn at(path: &str) -> Option<(&'static Link, &str)> {
        LINKS.iter().find_map(|link| {
            let code = match path.strip_prefix(link.path) {
                Some(code) => code,
                None if path == link.path.trim_end_matches('/') => "",
                None => return None,
            };
            // Mail programs take a full stop or a bracket behind a link along.
            Some((link, code.trim_matches(|c: char| !c.is_ascii_alphanumeric())))
        })
    }

    /// The links of that mail, each as the variable that it fills.
    pub(super) fn of_mail(template: &str) -> impl Iterator<Item = (&'static str, &'static Link)> {
        let own = LINKS.iter().filter(move |link| link.mail.0 == template);
        own.map(|link| (link.mail.1, link))
    }

    /// The link that does the same without a password.
    pub fn without_password(&'static self) -> &'static Link {
        let same = LINKS.iter().find(|link| link.purpose == self.purpose && !link.password);
        same.unwrap_or(self)
    }

    /// The page that asks.
    pub fn ask(&self) -> Option<Named> {
        Named::of(Family::Page, &format!("{}-ask", self.pages))
    }

    /// The page that says that it is done, to somebody at that platform.
    pub fn done(&self, platform: &str) -> Option<Named> {
        let of_platform = Named::of(Family::Page, &format!("{}-{platform}", self.pages));
        of_platform.or_else(|| Named::of(Family::Page, self.pages))
    }

    /// The page of a link that does nothing.
    pub fn dead(&self, dead: Dead) -> Option<Named> {
        let end = match dead {
            Dead::Already => "already",
            Dead::Invalid => "invalid",
            Dead::NotFound => "notfound",
            Dead::Error => "error",
        };
        Named::of(Family::Page, &format!("{}-{end}", self.pages))
    }

    /// Every page behind the one that asks, for somebody at that platform.
    pub fn behind(&self, platform: &str) -> impl Iterator<Item = Named> {
        let dead = [Dead::Already, Dead::Invalid, Dead::NotFound, Dead::Error].map(|dead| self.dead(dead));
        [self.done(platform)].into_iter().chain(dead).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_has_all_its_pages() {
        for link in &LINKS {
            assert!(link.ask().is_some(), "{}", link.path);
            for platform in PLATFORMS {
                assert_eq!(link.behind(platform).count(), 5, "{} {platform}", link.path);
            }
        }
    }

    #[test]
    fn a_path_has_its_code() {
        let at = |path: &'static str| Link::at(path).map(|(link, code)| (link.path, code));
        assert_eq!(at("/activate/abc23"), Some(("/activate/", "abc23")));
        assert_eq!(at("/group/reject/abc23>."), Some(("/group/reject/", "abc23")));
        assert_eq!(at("/email"), Some(("/email/", "")));
        assert_eq!(at("/delete/"), Some(("/delete/", "")));
        for other in ["/", "/activated/x", "/group/", "/group/x/y", "/Activate/x", "//activate/x"] {
            assert_eq!(at(other), None, "{other}");
        }
    }
}
