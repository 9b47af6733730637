//! The log of a measured server: the same facts as the product's lines, to standard error.
//!
//! Refusals and changes are logged in production, and forming the line costs time; a server measured
//! without its log would look faster than it is. Standard error is a file in the temporary folder.

use std::io::Write;

use env_logger::fmt::Formatter;
use log::Record;
use log::kv::{Error, Key, Value, VisitSource};
use regserver::domain::time::{Clock, SystemClock};

/// Starts the log at the product's default level.
pub fn start() -> anyhow::Result<()> {
    env_logger::Builder::new()
        .parse_filters("info,actix_server=warn")
        .write_style(env_logger::WriteStyle::Never)
        .format(line)
        .try_init()?;
    Ok(())
}

fn line(to: &mut Formatter, record: &Record<'_>) -> std::io::Result<()> {
    let (time, level) = (SystemClock.now().rfc3339(), record.level());
    write!(to, "{time} {level:<5} {} {}", record.target(), record.args())?;
    let mut pairs = Pairs(to, Ok(()));
    let _ = record.key_values().visit(&mut pairs);
    pairs.1?;
    writeln!(to)
}

/// Writes the key-value pairs of a line.
struct Pairs<'a>(&'a mut Formatter, std::io::Result<()>);

impl<'kvs> VisitSource<'kvs> for Pairs<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        if self.1.is_ok() {
            self.1 = write!(self.0, " {key}={value}");
        }
        Ok(())
    }
}
