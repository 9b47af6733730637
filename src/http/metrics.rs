//! The numbers for Prometheus: `GET /metrics`.
//!
//! They are gathered when somebody asks, from where they are kept anyway: the counters of calls, what
//! `gethealth` shows, and two short counts in the database. The library's own counters would each be a lock
//! and a search for the labels on the way of every call; so it only writes here what others have counted.

use std::fmt::Error;
use std::sync::atomic::Ordering;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::{MetricType, TypedMetric};
use prometheus_client::registry::{Registry, Unit};
use tokio::sync::oneshot;

use super::reply::{self, Text};
use super::{Shared, beside};
use crate::api::tally::{BOUNDS, Took};
use crate::call::{Health, Program, RequestId};
use crate::domain::time::{SECOND, Time};
use crate::snapshot::Snapshot;
use crate::store::statistics::Traffic;

/// What begins every name.
const PREFIX: &str = "regserver";

/// The numbers, or that somebody else is getting them just now.
///
/// They are gathered on a thread of their own, one at a time: the threads for searches are all taken just when
/// somebody most wants to know.
pub async fn reply(shared: &web::Data<Shared>, id: RequestId) -> HttpResponse {
    if shared.gathering.swap(true, Ordering::Acquire) {
        return reply::too_many(1, id);
    }
    let (turn, (sender, receiver)) = (Turn(shared.clone()), oneshot::channel());
    let thread = std::thread::Builder::new().name("numbers".into()).spawn(move || {
        let text = text(Numbers::gather(&turn.0));
        drop(turn);
        // Who asked may be gone.
        let _ = sender.send(text);
    });
    if let Err(error) = thread {
        log::warn!("no thread for the numbers: {error}");
    }
    match receiver.await {
        Ok(Ok(text)) => reply::text(StatusCode::OK, Text::Numbers, text, id),
        _ => {
            let words = "the numbers cannot be shown\n".to_owned();
            reply::text(StatusCode::INTERNAL_SERVER_ERROR, Text::Plain, words, id)
        }
    }
}

/// Ends the gathering, however it ends.
struct Turn(web::Data<Shared>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.gathering.store(false, Ordering::Release);
    }
}

fn text(numbers: Numbers) -> Result<String, Error> {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(numbers));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

/// A number with its labels.
type Row = (Vec<(&'static str, String)>, u64);

/// Everything that is shown.
#[derive(Debug)]
struct Numbers {
    calls: Vec<Row>,
    refusals: Vec<Row>,
    took: [(&'static str, Took); 2],
    health: Health,
    ready: bool,
    reads_waiting: u64,
    reads_refused: u64,
    hot_files: [(&'static str, u64); 2],
    /// Services with a key that ends: when it does, and when it was last used.
    old_keys: [Vec<Row>; 2],
    /// None where nothing is encrypted.
    certificate_days: Option<i64>,
    /// Unknown where the database cannot be read just now.
    traffic: Option<Traffic>,
}

impl Numbers {
    fn gather(shared: &Shared) -> Numbers {
        let (api, snapshot) = (&shared.api, shared.api.snapshot());
        let call = |((command, service, outcome), count): ((&'static str, String, &'static str), u64)| {
            let labels =
                vec![("command", command.to_owned()), ("service", service), ("outcome", outcome.to_owned())];
            (labels, count)
        };
        Numbers {
            calls: api.tally().calls(&snapshot).into_iter().map(call).collect(),
            refusals: api
                .tally()
                .refusals()
                .map(|(reason, count)| (vec![("reason", reason.name().to_owned())], count))
                .collect(),
            took: api.tally().took(),
            health: api.health(),
            ready: beside::why_not_ready(shared).is_none(),
            reads_waiting: number(shared.reading.load(Ordering::Relaxed)),
            reads_refused: shared.reads_refused.load(Ordering::Relaxed),
            hot_files: api.hot_files().counts(),
            old_keys: old_keys(&snapshot, api.now()),
            certificate_days: shared.certificate.as_ref().map(|shown| shown.days_left(api.now())),
            traffic: api.read(|tx| tx.traffic(api.now())).ok(),
        }
    }
}

/// In seconds since 1970, by service.
fn old_keys(snapshot: &Snapshot, now: Time) -> [Vec<Row>; 2] {
    let mut rows = [Vec::new(), Vec::new()];
    for service in snapshot.services() {
        for key in service.live_keys(now).filter(|key| key.not_after.is_some()) {
            for (rows, time) in rows.iter_mut().zip([key.not_after, key.last_used()]) {
                let seconds = time.map(|time| (time.0 / SECOND).unsigned_abs());
                rows.extend(seconds.map(|seconds| (label("service", &service.name), seconds)));
            }
        }
    }
    rows
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn label(name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    vec![(name, value.to_owned())]
}

impl Collector for Numbers {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let mut page = Page(encoder);
        let Health { started, writable, wal, log_dropped, hash_threads, hash_threads_busy, .. } = self.health;
        page.counters(
            "calls",
            "Calls that came past the gate; service is blank for other callers",
            &self.calls,
        )?;
        page.counters("gate_refusals", "Calls that did not come past the gate", &self.refusals)?;
        page.times(&self.took)?;
        self.queues(&mut page)?;
        page.gauge("ready", "Whether calls may be sent here", u64::from(self.ready))?;
        page.gauge("database_writable", "Whether the last change could be written", u64::from(writable))?;
        page.gauge("wal_bytes", "Size of the write-ahead log of the database", wal)?;
        page.gauge("hash_threads", "Threads that hash passwords", number(hash_threads))?;
        page.gauge("hash_threads_busy", "Those that do so just now", number(hash_threads_busy))?;
        let about = "Calls lost for the API log, because it could not keep up";
        page.counter("apilog_dropped", about, log_dropped)?;
        let files = self.hot_files.iter().map(|(end, count)| (label("end", end), *count));
        let about = "Files of hot folders that were handled since the start, by where they went";
        page.counters("hotfolder_files", about, &files.collect::<Vec<_>>())?;
        if let Some(traffic) = &self.traffic {
            let mails =
                traffic.mails.iter().map(|(state, count)| (label("state", state), count.unsigned_abs()));
            let about = "Mails by state, of the newest 10000";
            page.gauges("mails", about, &mails.collect::<Vec<_>>())?;
            page.gauge("sessions", "Sessions that have not ended", traffic.sessions.unsigned_abs())?;
        }
        let [ends, used] = &self.old_keys;
        let about = "When the old key of a service ends, of which a new one was made";
        page.gauges("old_key_end_time_seconds", about, ends)?;
        let about = "When somebody last signed with it";
        page.gauges("old_key_last_use_time_seconds", about, used)?;
        if let Some(days) = self.certificate_days {
            let about = "Days for which the certificate of TLS is still good";
            page.gauge("tls_certificate_days_left", about, days.unsigned_abs())?;
        }
        page.gauge(
            "start_time_seconds",
            "When the program was started",
            (started.0 / SECOND).unsigned_abs(),
        )?;
        let version = [(label("version", env!("CARGO_PKG_VERSION")), 1)];
        page.gauges("build_info", "The program's version, as a label", &version)
    }
}

impl Numbers {
    fn queues(&self, page: &mut Page<'_>) -> Result<(), Error> {
        let health = &self.health;
        let waiting = [
            ("writer", number(health.changes_waiting)),
            ("hash", number(health.hashes_waiting)),
            ("pool", self.reads_waiting),
            ("apilog", number(health.log_waiting)),
        ];
        let refused = [
            ("writer", health.changes_refused),
            ("hash", health.hashes_refused),
            ("pool", self.reads_refused),
        ];
        let rows = |of: &[(&str, u64)]| -> Vec<Row> {
            of.iter().map(|(queue, count)| (label("queue", queue), *count)).collect()
        };
        page.gauges("queue_waiting", "What waits, by queue; in the pool also what runs", &rows(&waiting))?;
        page.counters("queue_refused", "What was turned away because a queue was full", &rows(&refused))
    }
}

/// What is written so far.
struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    fn gauge(&mut self, name: &str, about: &str, value: u64) -> Result<(), Error> {
        let gauge = ConstGauge::new(value);
        gauge.encode(self.0.encode_descriptor(name, about, None, gauge.metric_type())?)
    }

    fn gauges(&mut self, name: &str, about: &str, rows: &[Row]) -> Result<(), Error> {
        self.rows(name, about, rows, ConstGauge::new)
    }

    fn counter(&mut self, name: &str, about: &str, value: u64) -> Result<(), Error> {
        let counter = ConstCounter::new(value);
        counter.encode(self.0.encode_descriptor(name, about, None, counter.metric_type())?)
    }

    fn counters(&mut self, name: &str, about: &str, rows: &[Row]) -> Result<(), Error> {
        self.rows(name, about, rows, ConstCounter::new)
    }

    fn rows<M: EncodeMetric + TypedMetric>(
        &mut self,
        name: &str,
        about: &str,
        rows: &[Row],
        metric: fn(u64) -> M,
    ) -> Result<(), Error> {
        let mut encoder = self.0.encode_descriptor(name, about, None, M::TYPE)?;
        for (labels, value) in rows {
            metric(*value).encode(encoder.encode_family(&labels.as_slice())?)?;
        }
        Ok(())
    }

    fn times(&mut self, took: &[(&'static str, Took)]) -> Result<(), Error> {
        let about = "From a request's head to its answer, of calls that came past the gate";
        let mut encoder =
            self.0.encode_descriptor("call_duration", about, Some(&Unit::Seconds), MetricType::Histogram)?;
        for (kind, took) in took {
            let bounds = BOUNDS.iter().map(|micros| seconds(*micros)).chain([f64::INFINITY]);
            let buckets: Vec<(f64, u64)> = bounds.zip(took.counts).collect();
            let labels = [("kind", *kind)];
            let mut encoder = encoder.encode_family(&labels)?;
            let count = took.counts.iter().sum();
            encoder.encode_histogram::<NoLabelSet>(seconds(took.micros), count, &buckets, None)?;
        }
        Ok(())
    }
}

/// Microseconds as Prometheus wants them.
#[expect(clippy::cast_precision_loss, reason = "a sum of times may be off by a microsecond after centuries")]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}
