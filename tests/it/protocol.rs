//! What the protocol says about every call and needs more than one exchange to show: orders, windows,
//! repetitions, sizes, mails.

mod distributor;
mod hostile;
mod idempotency;
mod json;
mod mails;
mod methods;
mod order;
mod replay;
