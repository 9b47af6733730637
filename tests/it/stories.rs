//! Stories: what people and services go through, from the first call to the last.

mod activation;
mod changes;
mod counters;
mod devices;
mod edges;
mod keys;
mod licenses;
mod login;
mod moves;
mod registration;
mod removal;
mod rules;
mod search;
mod services;
mod settings;
