//! The store: every statement of SQL, behind functions that speak of users, licences and mails.
//!
//! A [`Tx`] is one transaction, reading or writing; its methods are split over the files below by
//! noun. Only [`backend`] knows which database it is, so that another one can take its place; only
//! [`writer`] commits, so that many changes share one wait for the disk.

pub mod account_changes;
pub mod account_data;
pub mod account_search;
pub mod accounts;
pub mod api_log;
pub mod audit;
pub mod audit_search;
pub mod backend;
pub mod codes;
pub mod copies;
pub mod counts;
pub mod credentials;
pub mod depot_changes;
pub mod depot_uses;
pub mod depots;
pub mod devices;
mod doubles;
pub mod export;
pub mod group_changes;
pub mod group_search;
pub mod groups;
pub mod hot_files;
pub mod in_use;
pub mod invitations;
pub mod job_rows;
pub mod job_search;
pub mod jobs;
pub mod leftovers;
pub mod license_changes;
pub mod license_notices;
pub mod license_search;
pub mod license_uses;
pub mod licenses;
pub mod lock;
pub mod logins;
pub mod newest;
pub mod outbox;
pub mod outbox_search;
pub mod outbox_sending;
pub mod pools;
pub mod providers;
pub mod repeats;
pub mod restore;
pub mod rotation;
mod scratch;
pub mod search;
pub mod second_factors;
pub mod services;
pub mod settings;
pub mod signing;
pub mod sites;
pub mod start;
pub mod statistics;
pub mod tasks;
pub mod templates;
pub mod user_changes;
pub mod users;
pub mod vault;
pub mod writer;

pub use backend::{Pool, Reader, Tx};
pub use scratch::Scratch;
pub use vault::Vault;
