//! Stories: what people and services go through, from the first call to the last.

mod activation;
mod counters;
mod login;
mod registration;
mod removal;
mod search;
mod services;
mod settings;
