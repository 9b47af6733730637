mod config;
mod xml;
