//! The pages behind the links in mails: GET asks, POST does it.
//!
//! Programs that look for bad links open every link of a mail, so opening one must do nothing. Whoever has the code
//! is the one whom it was sent to; so nothing else is asked for, and a form on another site could do no more than its
//! author could with the code. What is done goes through the same command as a call, and is counted and logged as
//! one; of the path the log has what stands before the code.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::Ordering;
use std::time::Instant;

use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_LENGTH, USER_AGENT};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};

use super::body::{self, Bounds};
use super::endpoint::{self, Arrival};
use super::page::{self, Forms};
use super::reply::{self, Text};
use super::{Shared, peer};
use crate::api::Received;
use crate::api::links::{Hold, Seen, State, state};
use crate::call::RequestId;
use crate::error::{Code, Error, Result};
use crate::gate::Refusal;
use crate::mail::links::{Dead, Link};
use crate::mail::{self, Named, Page, built_in, check};
use crate::wire::{Wire, form};

/// The most bytes of a form: a password of a thousand characters, escaped.
const LONGEST_FORM: usize = 16 * 1024;
/// Seconds after which somebody may try again where the server has too much to do.
const WAIT: i64 = 1;

/// Somebody who follows a link.
struct Visit<'a> {
    request: &'a HttpRequest,
    shared: &'a web::Data<Shared>,
    id: RequestId,
    link: &'static Link,
    code: &'a str,
    /// The address that counts, or why none could be told.
    seen: Result<IpAddr, Refusal>,
    /// The address for log and limits.
    from: Option<IpAddr>,
    started: Instant,
}

/// The answer to whoever follows a link, and how: opened, or its button pressed.
pub async fn answer(
    (link, code): (&'static Link, &str),
    request: &HttpRequest,
    payload: web::Payload,
    shared: &web::Data<Shared>,
    id: RequestId,
) -> HttpResponse {
    let rules = shared.rules.load_full();
    let posted = request.method() == Method::POST;
    if !posted && ![Method::GET, Method::HEAD].contains(request.method()) {
        return reply::asked_or_posted_only(id);
    }
    let seen = peer::seen(request, shared, &rules);
    let from = seen.as_ref().ok().copied().or_else(|| peer::peer(request));
    if let Some(Err(seconds)) = from.map(|from| rules.limits.admit(&shared.api.snapshot(), from)) {
        return reply::too_many(seconds, id);
    }
    let visit = Visit { request, shared, id, link, code, seen, from, started: Instant::now() };
    if !posted {
        return match visit.look().await {
            Ok(seen) => visit.page(&seen, seen.state),
            Err(error) => visit.fault(&error),
        };
    }
    if shared.draining.load(Ordering::Relaxed) {
        return visit.fault(&Error::Busy);
    }
    let bounds = Bounds { bytes: LONGEST_FORM, wait: rules.body.wait };
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    match body::read(payload, declared, &bounds).await {
        Ok(form) => visit.press(&form).await,
        Err(no_body) => {
            let (status, words) = match no_body {
                body::NoBody::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the form is too large\n"),
                body::NoBody::TooSlow => (StatusCode::REQUEST_TIMEOUT, "the form came too slowly\n"),
                body::NoBody::Broken => (StatusCode::BAD_REQUEST, "the form was cut off\n"),
            };
            reply::text(status, Text::Plain, words.to_owned(), id)
        }
    }
}

impl Visit<'_> {
    /// How the link stands. It is read where waiting holds up nobody, and turned away when too many wait.
    async fn look(&self) -> Result<Seen> {
        let turn = Turn::take(self.shared)?;
        let (link, code, id) = (self.link, self.code.to_owned(), self.id);
        let from = self.from.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let looked = web::block(move || turn.0.api.look_at_link(link, &code, from, id)).await;
        looked.unwrap_or(Err(Error::Panicked))
    }

    /// The button of the page was pressed.
    async fn press(&self, form: &[u8]) -> HttpResponse {
        let seen = match self.look().await {
            Ok(seen) if seen.state == State::Good => seen,
            Ok(seen) => return self.page(&seen, seen.state),
            Err(error) => return self.fault(&error),
        };
        let password = password(form);
        // Without one the command would activate somebody who could not log in.
        if seen.link.password && password.is_none() {
            return self.page(&seen, State::Held(Hold::Password));
        }
        let mut fields = serde_json::json!({
            "command": seen.link.command,
            "distributor": seen.provider.code,
            "activationcode": self.code,
        });
        if let (true, Some(password)) = (seen.link.password, password) {
            fields["password"] = password.into();
        }
        let body = fields.to_string();
        let received = Received::signed(self.seen.clone(), None, Wire::Json, body.as_bytes(), self.id);
        let step = endpoint::start(self.request, self.shared, received);
        let arrival = Arrival { route: self.link.path, from: self.from, started: self.started };
        let rules = self.shared.rules.load_full();
        let whose = (Wire::Json, self.id);
        let answer = endpoint::finish(step, self.shared.clone(), &rules.limits, whose, arrival).await;
        if answer.trace.code == Code::Overloaded as i64 {
            return self.fault(&Error::Busy);
        }
        let state = state(answer.trace.code, true);
        // What is done may have given the user another address.
        match self.look().await {
            Ok(now) if state == State::Good => self.page(&Seen { link: seen.link, ..now }, Done),
            _ => self.page(&seen, if state == State::Good { Done.into() } else { Shown::Stands(state) }),
        }
    }

    /// A page for what the link is, in the language of its user.
    fn page(&self, seen: &Seen, shown: impl Into<Shown>) -> HttpResponse {
        let Seen { link, provider, .. } = seen;
        let posted = self.request.method() == Method::POST;
        let language = self.language(seen);
        let platform = page::platform(page::text(self.request, USER_AGENT));
        let (named, status, text) = match shown.into() {
            Shown::Done => (link.done(platform), StatusCode::OK, None),
            Shown::Stands(State::Good) => {
                (link.ask(), StatusCode::OK, link.password.then_some(Hold::Password))
            }
            Shown::Stands(State::Held(hold)) if posted => {
                (link.ask(), StatusCode::UNPROCESSABLE_ENTITY, Some(hold))
            }
            Shown::Stands(State::Held(hold)) => (link.ask(), StatusCode::OK, Some(hold)),
            Shown::Stands(State::Dead(dead)) => (link.dead(dead), status(dead), None),
        };
        let Some(named) = named else { return reply::not_found("", self.id) };
        let mut values = seen.values.clone();
        if let Some(hold) = text {
            // The page may be in another language, where there is none in the user's.
            let written = mail::chosen(provider, named, language).map_or(language, |chosen| chosen.language);
            values.set("TEXT", &self.sentence(hold, written));
        }
        values.complete(named.template);
        match mail::page(provider, named, language, &values) {
            Ok(Page::Elsewhere(to)) if posted => reply::see_other(&to, self.id),
            Ok(Page::Elsewhere(to)) => reply::found(&to, self.id),
            Ok(Page::Html(html)) => {
                let forms = match named.template.kind {
                    mail::Kind::Question => self.forms(seen, platform, language),
                    _ => Forms::None,
                };
                page::reply(status, html, forms, self.id)
            }
            Err(error) => {
                log::error!("{} {error}", self.id.as_str());
                reply::text(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    Text::Plain,
                    "a fault of ours\n".into(),
                    self.id,
                )
            }
        }
    }

    /// A fault of ours, or too much to do.
    fn fault(&self, error: &Error) -> HttpResponse {
        let snapshot = self.shared.api.snapshot();
        let Some(provider) = snapshot.provider(&snapshot.server.default_provider) else {
            return reply::not_found("", self.id);
        };
        if !matches!(error, Error::Busy) {
            log::error!("{} {error}", self.id.as_str());
        }
        let values = mail::Values::of(&snapshot, provider);
        let state = State::Dead(Dead::Error);
        let seen = Seen { link: self.link, provider: provider.clone(), language: None, values, state };
        let page = self.page(&seen, state);
        match error {
            Error::Busy => reply::busy(page, WAIT),
            _ => page,
        }
    }

    /// The user's language; where nobody is known, the one that the browser asks for.
    fn language<'a>(&self, seen: &'a Seen) -> &'a str {
        let settings = &seen.provider.settings;
        seen.language.as_deref().unwrap_or_else(|| {
            let wanted = page::text(self.request, ACCEPT_LANGUAGE);
            page::preferred(wanted, &settings.allowed_languages).unwrap_or(&settings.default_language)
        })
    }

    fn sentence(&self, hold: Hold, language: &str) -> String {
        let name = match hold {
            Hold::Password => "+password",
            Hold::Address => "+address",
            Hold::Seats => "+seats",
        };
        let shortest = self.shared.api.snapshot().server.password_length;
        built_in::sentence(language, name).replace("@COUNT@", &shortest.to_string())
    }

    /// Browsers hold a form also to where its answer leads, so a page that leads elsewhere must be said beforehand.
    fn forms(&self, seen: &Seen, platform: &str, language: &str) -> Forms {
        let leads = |named: Named| {
            let chosen = mail::chosen(&seen.provider, named, language)?;
            check::redirect(&chosen.parts.text)?.ok()
        };
        let mut forms = Forms::Own;
        for to in seen.link.behind(platform).filter_map(leads) {
            if to.starts_with("http://") {
                return Forms::Web;
            }
            forms = Forms::Secure;
        }
        forms
    }
}

/// What a page shows.
enum Shown {
    /// How the link stands.
    Stands(State),
    /// That it has done its work.
    Done,
}

/// It has done its work.
struct Done;

impl From<Done> for Shown {
    fn from(_: Done) -> Shown {
        Shown::Done
    }
}

impl From<State> for Shown {
    fn from(state: State) -> Shown {
        Shown::Stands(state)
    }
}

fn status(dead: Dead) -> StatusCode {
    match dead {
        Dead::Already => StatusCode::OK,
        Dead::Invalid => StatusCode::GONE,
        Dead::NotFound => StatusCode::NOT_FOUND,
        Dead::Error => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The password of a form; a blank one is none.
fn password(form: &[u8]) -> Option<String> {
    let given = form::values(form, b"password").next().and_then(form::decoded)?;
    String::from_utf8(given).ok().filter(|password| !password.trim().is_empty())
}

/// One of the reads that may wait at the same time; it ends where it is dropped.
struct Turn(web::Data<Shared>);

impl Turn {
    fn take(shared: &web::Data<Shared>) -> Result<Turn> {
        let before = shared.reading.fetch_add(1, Ordering::Relaxed);
        let turn = Turn(shared.clone());
        match before >= shared.most_reading {
            true => {
                shared.reads_refused.fetch_add(1, Ordering::Relaxed);
                Err(Error::Busy)
            }
            false => Ok(turn),
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.reading.fetch_sub(1, Ordering::Relaxed);
    }
}
