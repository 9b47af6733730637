//! Stories: what people and services go through, from the first call to the last.

mod activation;
mod changes;
mod counters;
mod current;
mod devices;
mod edges;
mod endings;
mod guesses;
mod keys;
mod licenses;
mod login;
mod moves;
mod registration;
mod removal;
mod requests;
mod rights;
mod rules;
mod scopes;
mod search;
mod services;
mod sessions;
mod settings;
mod strangers;
