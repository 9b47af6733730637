//! Guards: panics, floods, full disks, lost keys. What must hold when something goes wrong.

mod api_log;
mod flood;
mod hashers;
mod keys;
mod master;
mod others;
mod panics;
mod writer;
