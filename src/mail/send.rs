//! Handing mails over to a mail server, over one connection for many.
//!
//! What goes wrong is sorted here by what can be done about it: a recipient that is refused for good is never tried
//! again, a mail that is refused for now is tried later, and a server that does not answer is left alone for a
//! while, whatever else waits.

use std::fmt;
use std::time::{Duration, SystemTime};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{self, Data, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailParameter};
use lettre::{Address, Message};

use super::Rendered;
use super::target::Target;
use crate::config::MailTls;
use crate::store::outbox::Waiting;

/// How much of a server's answer is kept, in characters.
const LONGEST: usize = 300;

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The server cannot be used now, for any mail.
    Server(String),
    /// Not this mail, not now.
    Now(String),
    /// Not this mail, never.
    Ever(String),
    /// The connection that was kept has ended, and nothing was sent: make it ready once more.
    Stale,
    /// Another program has the mail by now; what was begun was given up before the mail server had it.
    Lost,
}

/// Asked before each answer that is waited for: whether the mail is still in hand.
pub type Hold<'a> = &'a mut dyn FnMut() -> bool;

/// A mail as it goes over the wire.
pub struct Letter {
    from: Address,
    to: Address,
    content: Content,
}

/// Headers and text with the dot that ends them, sent at once: a small piece behind a large one would leave only
/// when the other end has confirmed the large one, and it takes its time to do that alone.
struct Content(String);

impl Content {
    /// A line that begins with a dot gets a second one, or it could end the mail.
    fn of(message: &str) -> Content {
        let mut text = String::with_capacity(message.len() + 16);
        for line in message.split_inclusive("\r\n") {
            text.push_str(if line.starts_with('.') { "." } else { "" });
            text.push_str(line);
        }
        text.push_str(if text.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" });
        Content(text)
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A mail from a sender's address in the name of a brand.
pub fn letter(row: &Waiting, mail: Rendered, sender: &str, brand: &str) -> Result<Letter, String> {
    let from: Address = sender.parse().map_err(|why| format!("the sender {sender}: {why}"))?;
    let to: Address = row.recipient.parse().map_err(|why| format!("the recipient: {why}"))?;
    let micros = u64::try_from(row.created.0).unwrap_or_default();
    let generated = HeaderName::new_from_ascii_str("Auto-Submitted");
    let domain = from.domain().to_owned();
    let builder = Message::builder()
        .message_id(Some(format!("<{}@{domain}>", row.message_id)))
        .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
        .from(Mailbox::new(Some(literal(brand)), from.clone()))
        .to(Mailbox::new(None, to.clone()))
        .subject(literal(&mail.subject))
        .raw_header(HeaderValue::new(generated, "auto-generated".to_owned()));
    let built = match mail.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(mail.text, html)),
        None => builder.singlepart(SinglePart::plain(mail.text)),
    };
    let message = built.map_err(|why| format!("the mail cannot be written: {why}"))?;
    let text = String::from_utf8(message.formatted()).map_err(|_| "the mail is no text".to_owned())?;
    Ok(Letter { from, to, content: Content::of(&text) })
}

/// A text for a header. `=?` begins what readers decode, so what somebody has called themselves could read as
/// something else, even as several lines.
fn literal(text: &str) -> String {
    text.replace("=?", "= ?")
}

/// The way to a mail server; the connection is made when the first mail goes, and then kept.
pub struct Post {
    target: Target,
    parameters: TlsParameters,
    open: Option<SmtpConnection>,
    /// Nothing was said over the connection yet but greetings.
    fresh: bool,
}

impl Post {
    /// To that server; nothing is sent yet.
    pub fn to(target: Target) -> anyhow::Result<Post> {
        let parameters = target.parameters()?;
        Ok(Post { target, parameters, open: None, fresh: false })
    }

    /// Where it leads.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Connects, encrypts, logs in, and says goodbye.
    pub fn prove(&mut self) -> Result<(), String> {
        self.open = Some(self.connect()?);
        self.close();
        Ok(())
    }

    /// Says goodbye, if there is a connection.
    pub fn close(&mut self) {
        if let Some(mut connection) = self.open.take() {
            // It is not needed any more; how it ends matters to nobody.
            let _ = connection.quit();
        }
    }

    /// Whether there is a connection already.
    pub fn connected(&self) -> bool {
        self.open.is_some()
    }

    /// Makes the connection, where there is none. It takes many answers, so it is done before a mail is in hand.
    pub fn ready(&mut self) -> Result<(), Refusal> {
        if self.open.is_none() {
            self.open = Some(self.connect().map_err(Refusal::Server)?);
            self.fresh = true;
        }
        Ok(())
    }

    /// Hands a mail over. A server may have ended a connection that was kept, which is told apart: nothing was sent.
    pub fn deliver(&mut self, letter: &Letter, hold: Hold<'_>) -> Result<(), Refusal> {
        let kept = !std::mem::replace(&mut self.fresh, false);
        match self.begin(letter) {
            Err(Refusal::Server(_)) if kept => return Err(Refusal::Stale),
            begun => begun?,
        }
        let connection = self.open.as_mut().ok_or_else(|| Refusal::Server("no connection".to_owned()))?;
        let mut content = |connection: &mut SmtpConnection| {
            still(hold)?;
            connection.command(Rcpt::new(letter.to.clone(), Vec::new())).map_err(|why| sorted(&why, true))?;
            still(hold)?;
            connection.command(Data).map_err(|why| sorted(&why, false))?;
            still(hold)?;
            connection.command(&letter.content).map_err(|why| sorted(&why, true))
        };
        let end = content(connection).map(drop);
        if end.is_err() {
            // What became of it is known; the connection is put in order at leisure.
            hold();
        }
        self.after(end)
    }

    /// The sender.
    fn begin(&mut self, letter: &Letter) -> Result<(), Refusal> {
        let Some(mut connection) = self.open.take() else {
            return Err(Refusal::Server("no connection".to_owned()));
        };
        let wide = [&letter.from, &letter.to].iter().any(|address| !address.to_string().is_ascii());
        if wide && !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            self.open = Some(connection);
            let why = "the mail server takes no addresses with letters outside ASCII (SMTPUTF8)";
            return Err(Refusal::Ever(why.to_owned()));
        }
        let options = if wide { vec![MailParameter::SmtpUtfEight] } else { Vec::new() };
        let from = commands::Mail::new(Some(letter.from.clone()), options);
        let end = connection.command(from).map(drop).map_err(|why| sorted(&why, false));
        self.open = Some(connection);
        self.after(end)
    }

    /// Makes the connection ready for the next mail, or gives it up.
    fn after(&mut self, end: Result<(), Refusal>) -> Result<(), Refusal> {
        let usable = match &end {
            Ok(()) => true,
            Err(Refusal::Server(_) | Refusal::Stale | Refusal::Lost) => false,
            Err(_) => self.open.as_mut().is_some_and(|connection| connection.command(Rset).is_ok()),
        };
        if !usable {
            self.open = None;
        }
        end
    }

    fn connect(&self) -> Result<SmtpConnection, String> {
        let target = &self.target;
        let (address, client) = ((target.host.as_str(), target.port), target.client());
        let tls = (target.tls == MailTls::Tls).then_some(&self.parameters);
        let said = |what: &'static str| move |why: Error| format!("{what}: {}", told(&why));
        let mut connection = SmtpConnection::connect(address, Some(target.timeout), &client, tls, None)
            .map_err(said("cannot connect"))?;
        if target.tls == MailTls::StartTls {
            if !connection.can_starttls() {
                let _ = connection.quit();
                return Err("the mail server does not offer STARTTLS: set mail.tls to tls, or to none".into());
            }
            connection.starttls(&self.parameters, &client).map_err(said("cannot encrypt"))?;
        }
        if !target.user.is_empty() {
            let own = Credentials::new(target.user.clone(), target.password.reveal().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &own).map_err(said("cannot log in"))?;
        }
        Ok(connection)
    }
}

/// Whether the mail is still in hand; a connection that is given up amidst a mail has sent none.
fn still(hold: &mut dyn FnMut() -> bool) -> Result<(), Refusal> {
    if hold() { Ok(()) } else { Err(Refusal::Lost) }
}

/// What an answer means; `about_it` where a refusal is about the recipient or the content, and so for good.
fn sorted(why: &Error, about_it: bool) -> Refusal {
    let text = told(why);
    match why.status().map(u16::from) {
        None | Some(421) => Refusal::Server(text),
        // The server wants a login or encryption: that is ours to mend.
        Some(530 | 534 | 535 | 538) => Refusal::Now(text),
        Some(500..) if about_it => Refusal::Ever(text),
        Some(_) => Refusal::Now(text),
    }
}

/// A fault as one line.
fn told(why: &Error) -> String {
    let text: String = why.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_dot_does_not_end_a_mail() {
        for (message, sent) in [
            ("a\r\n\r\nb", "a\r\n\r\nb\r\n.\r\n"),
            ("a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n.\r\n"),
            (".a\r\n.\r\n..b", "..a\r\n..\r\n...b\r\n.\r\n"),
        ] {
            assert_eq!(Content::of(message).to_string(), sent);
        }
    }
}
