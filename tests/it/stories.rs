//! Stories: what people and services go through, from the first call to the last.

mod activation;
mod apilog;
mod audit;
mod changes;
mod counters;
mod devices;
mod edges;
mod keys;
mod login;
mod moves;
mod refused;
mod registration;
mod removal;
mod rules;
mod search;
mod services;
mod settings;
mod statistics;
