//! Which templates there are, and which variables each of them may use.
//!
//! A variable that a template does not have is refused when the template is saved, not left blank when the mail
//! goes out: the provider is there to hear of the first, nobody of the second.

/// What a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A mail.
    Mail,
    /// A page that tells how something has ended.
    Page,
    /// A page that asks before anything happens: it needs a form.
    Question,
    /// A page in place of an address to which the provider leads: what the request says are variables.
    Redirect,
}

/// A template.
#[derive(Debug)]
pub struct Template {
    /// Its name, without the family.
    pub name: &'static str,
    /// What it is for.
    pub kind: Kind,
    /// When it is used.
    pub about: &'static str,
    /// The variables beside those that all templates have.
    own: &'static [&'static str],
}

/// Variables that every template has.
const ALWAYS: &[&str] = &["BRAND", "PROVIDER", "SUPPORTEMAIL", "SERVERURL"];
/// Variables of every template that is about a user.
const USER: &[&str] = &["USERNAME", "EMAIL"];

/// Variables that only the recipient may read.
const SECRET: &[&str] = &["ACTIVATIONCODE", "TMPPASSWORD"];

impl Template {
    /// The variables that may stand in it.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> {
        let user = if self.kind == Kind::Mail { USER } else { &[] };
        ALWAYS.iter().chain(user).chain(self.own).copied()
    }

    /// The variables beside those that every mail has by itself.
    pub fn own(&self) -> &'static [&'static str] {
        self.own
    }

    /// What of it only the recipient may read.
    pub fn secrets(&self) -> impl Iterator<Item = &'static str> {
        self.own.iter().copied().filter(|name| SECRET.contains(name))
    }

    /// The variables of which one must be read by the recipient: without any of them it would be of no use.
    pub fn needed(&self) -> impl Iterator<Item = &'static str> {
        let acts = |name: &&str| variable(name).is_some_and(|variable| variable.secrecy != Secrecy::Open);
        self.own.iter().copied().filter(acts).filter(|name| *name != "REJECTLINK")
    }

    /// Whether a variable may stand in it.
    pub fn has(&self, variable: &str) -> bool {
        self.variables().any(|known| known == variable) || (self.kind == Kind::Redirect && argument(variable))
    }
}

/// Whether an argument of an address can be of that name.
pub fn argument(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(plain)
}

/// What comes of a value that somebody else gets to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// Nothing.
    Open,
    /// It is a password or a code, with which somebody else could act.
    Code,
    /// It is a link with such a code.
    Link,
}

/// A variable.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Whether it may be blank where nothing is known; one that may not must be given.
    pub optional: bool,
    /// Whether it is secret.
    pub secrecy: Secrecy,
    /// What a preview shows, in English and in German.
    sample: (&'static str, &'static str),
}

impl Variable {
    /// What a preview shows.
    pub fn sample(&self, language: &str) -> &'static str {
        if language == "de" { self.sample.1 } else { self.sample.0 }
    }

    const fn needed(name: &'static str, sample: &'static str) -> Variable {
        Variable { name, optional: false, secrecy: Secrecy::Open, sample: (sample, sample) }
    }

    const fn optional(name: &'static str, sample: &'static str) -> Variable {
        Variable { name, optional: true, secrecy: Secrecy::Open, sample: (sample, sample) }
    }

    const fn code(name: &'static str, sample: &'static str) -> Variable {
        Variable { secrecy: Secrecy::Code, ..Variable::needed(name, sample) }
    }

    const fn link(name: &'static str, sample: &'static str) -> Variable {
        Variable { secrecy: Secrecy::Link, ..Variable::optional(name, sample) }
    }

    const fn in_german(self, german: &'static str) -> Variable {
        Variable { sample: (self.sample.0, german), ..self }
    }
}

/// The code of a preview.
pub const CODE: &str = "abcdefghijklmnopqrstuvwxyz234567";

/// Every variable.
pub static VARIABLES: &[Variable] = &[
    Variable::needed("BRAND", "Example Cloud"),
    Variable::needed("PROVIDER", "Example Company"),
    Variable::optional("SUPPORTEMAIL", "support@example.com"),
    Variable::optional("SERVERURL", "https://reg.example.com"),
    Variable::needed("USERNAME", "alex.sample").in_german("alex.muster"),
    Variable::needed("EMAIL", "alex@example.com"),
    Variable::needed("NEWEMAIL", "alex.new@example.com").in_german("alex.neu@example.com"),
    Variable::code("ACTIVATIONCODE", CODE),
    Variable::link("ACTIVATIONLINK", "https://reg.example.com/activate/abcdefghijklmnopqrstuvwxyz234567"),
    Variable::code("TMPPASSWORD", "1234567890"),
    Variable::needed("LICENSEKEY", "DEMO-1234-5678-9012"),
    Variable::optional("VALIDUNTIL", "12/31/2026"),
    Variable::needed("GROUPNAME", "Research & Travel").in_german("Forschung & Reisen"),
    Variable::optional("INVITER", "sam.sample").in_german("sam.muster"),
    Variable::optional("TEXT", "Welcome!\nWe share our photos here.")
        .in_german("Willkommen!\nHier teilen wir unsere Bilder."),
    Variable::optional("PLATFORM", "win"),
    Variable::link("JOINLINK", "https://reg.example.com/group/join/abcdefghijklmnopqrstuvwxyz234567"),
    Variable::link("REJECTLINK", "https://reg.example.com/group/reject/abcdefghijklmnopqrstuvwxyz234567"),
];

/// The variable of that name.
pub fn variable(name: &str) -> Option<&'static Variable> {
    VARIABLES.iter().find(|variable| variable.name == name)
}

/// The template of that name.
pub fn find(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}

const fn mail(name: &'static str, own: &'static [&'static str], about: &'static str) -> Template {
    Template { name, kind: Kind::Mail, about, own }
}

const fn page(name: &'static str, own: &'static [&'static str], about: &'static str) -> Template {
    Template { name, kind: Kind::Page, about, own }
}

const fn question(name: &'static str, own: &'static [&'static str], about: &'static str) -> Template {
    Template { name, kind: Kind::Question, about, own }
}

/// A page about a link that led nowhere.
const fn dead(name: &'static str) -> Template {
    page(name, &[], "the page of such a link that cannot do its work")
}

/// A page that only a provider can write.
const fn redirect(name: &'static str, about: &'static str) -> Template {
    Template { name, kind: Kind::Redirect, about, own: &["PLATFORM"] }
}

const ACTIVATED: &str = "the page of somebody who has just activated the account, on that platform";

/// Every template.
pub static TEMPLATES: &[Template] = &[
    mail("activationlink", &["ACTIVATIONCODE", "ACTIVATIONLINK"], "a new user who has a password"),
    mail(
        "activationsetpassword",
        &["ACTIVATIONCODE", "ACTIVATIONLINK"],
        "a new user who has no password yet",
    ),
    mail("tmppassword", &["TMPPASSWORD"], "a temporary password"),
    mail("passwd-changed", &[], "a password that was changed"),
    mail("passwd-reset", &[], "a password that was reset by somebody else"),
    mail("emailchangedtoold", &["NEWEMAIL"], "another address, told to the old one"),
    mail(
        "emailchangedtonew",
        &["NEWEMAIL", "ACTIVATIONCODE", "ACTIVATIONLINK"],
        "another address, to be confirmed by the new one",
    ),
    mail("user-removed", &[], "a user who was removed"),
    mail("deletion-requested", &["ACTIVATIONCODE", "ACTIVATIONLINK"], "a deletion that is to be confirmed"),
    mail(
        "group-invitation",
        &["GROUPNAME", "INVITER", "TEXT", "ACTIVATIONCODE", "JOINLINK", "REJECTLINK"],
        "an invitation to a group",
    ),
    mail("license-created", &["LICENSEKEY", "VALIDUNTIL"], "a new license"),
    mail("license-changed", &["LICENSEKEY", "VALIDUNTIL"], "a license that was changed"),
    mail("license-expires", &["LICENSEKEY", "VALIDUNTIL"], "a license that ends soon"),
    mail("license-expired", &["LICENSEKEY", "VALIDUNTIL"], "a license that has ended"),
    mail("console-code", &["ACTIVATIONCODE"], "the second step of a login to the console"),
    question("activated-ask", &["USERNAME", "EMAIL", "TEXT"], "asks before an account is activated"),
    page("activated-win", USER, ACTIVATED),
    page("activated-mac", USER, ACTIVATED),
    page("activated-linux", USER, ACTIVATED),
    page("activated-ios", USER, ACTIVATED),
    page("activated-android", USER, ACTIVATED),
    page("activated-web", USER, ACTIVATED),
    dead("activated-already"),
    dead("activated-error"),
    dead("activated-invalid"),
    dead("activated-notfound"),
    question(
        "emailconfirmed-ask",
        &["USERNAME", "EMAIL", "NEWEMAIL", "TEXT"],
        "asks before an address is changed",
    ),
    page("emailconfirmed", USER, "the page of somebody who has confirmed an address"),
    dead("emailconfirmed-already"),
    dead("emailconfirmed-error"),
    dead("emailconfirmed-invalid"),
    dead("emailconfirmed-notfound"),
    question("joined-ask", &["USERNAME", "EMAIL", "GROUPNAME", "TEXT"], "asks before a group is joined"),
    page("joined", &["USERNAME", "EMAIL", "GROUPNAME"], "the page of somebody who has joined a group"),
    dead("joined-already"),
    dead("joined-error"),
    dead("joined-invalid"),
    dead("joined-notfound"),
    question(
        "rejected-ask",
        &["USERNAME", "EMAIL", "GROUPNAME", "TEXT"],
        "asks before an invitation is declined",
    ),
    page(
        "rejected",
        &["USERNAME", "EMAIL", "GROUPNAME"],
        "the page of somebody who has declined an invitation",
    ),
    dead("rejected-already"),
    dead("rejected-error"),
    dead("rejected-invalid"),
    dead("rejected-notfound"),
    question("deleted-ask", &["USERNAME", "EMAIL", "TEXT"], "asks before an account is deleted"),
    page("deleted", &[], "the page of somebody whose account is deleted"),
    dead("deleted-already"),
    dead("deleted-error"),
    dead("deleted-invalid"),
    dead("deleted-notfound"),
    question("passwordset-ask", &["USERNAME", "EMAIL", "TEXT"], "asks for a first password"),
    page("passwordset", USER, "the page of somebody who has set a first password"),
    dead("passwordset-already"),
    dead("passwordset-error"),
    dead("passwordset-invalid"),
    dead("passwordset-notfound"),
    redirect("redirect-download", "the page of /redirect/download, where no address is set for it"),
    redirect("redirect-home", "the page of /redirect/home, where no address is set for it"),
    redirect("redirect-order", "the page of /redirect/order, where no address is set for it"),
    redirect("redirect-fuse", "the page of /redirect/fuse, where no address is set for it"),
];
