//! `regserver checksum`: the checksum or the signature of standard input, for those who build requests by hand.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use super::local::{self, Signer};
use super::{DONE, Failure, WRONG, say};
use crate::config::Config;
use crate::gate::checksum::Method;
use crate::gate::signature;

/// The method of keys and sites.
const SIGNED: &str = "signed";

/// `checksum`.
#[derive(Args)]
#[command(after_help = "Examples:\n  regserver checksum < body.xml\n  \
    regserver checksum --method hmac-sha256 --key-file portal.key < body.xml\n  \
    regserver checksum --method signed --key-file secret < body.json")]
pub struct Checksum {
    /// The service whose key and method are used; without it the one that owns 127.0.0.1
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// A file whose first line is the key, the salt, or the secret that signs
    #[arg(long, value_name = "FILE", conflicts_with = "service")]
    key_file: Option<PathBuf>,
    /// The method: md5, md5-salt, hmac-sha1, hmac-sha256; or signed, for the header that ends in KEY
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
}

impl Checksum {
    /// Prints it.
    pub fn run(&self, config: impl Fn() -> Result<Config, Failure>) -> Result<u8, Failure> {
        if self.method.as_deref() == Some(SIGNED) {
            return self.sign();
        }
        let mut signer = match &self.key_file {
            Some(file) => signer(file, self.method.as_deref().unwrap_or("md5"))?,
            None => local::signer(&config()?, self.service.as_deref())?,
        };
        if let Some(method) = &self.method {
            signer.method = parse(method)?;
        }
        say(&format!("{}\n", signer.method.sign(&signer.key, &body()?)));
        Ok(DONE)
    }

    /// The signature by the secret of a key or a site.
    fn sign(&self) -> Result<u8, Failure> {
        let file = self.key_file.as_ref().ok_or_else(|| {
            Failure(WRONG, "--method signed needs --key-file: a file whose first line is the secret".into())
        })?;
        let secret = first_line(file)?;
        say(&format!("{}\n", signature::sign(&secret, &body()?)));
        Ok(DONE)
    }
}

fn body() -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut body);
    read.map_err(|error| Failure(WRONG, format!("cannot read standard input: {error}")))?;
    Ok(body)
}

/// Key and method as the command line gives them.
pub fn signer(file: &Path, method: &str) -> Result<Signer, Failure> {
    let key = first_line(file)?;
    Ok(Signer { method: parse(method)?, key })
}

fn first_line(file: &Path) -> Result<Vec<u8>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let hint = "its first line is the key, which `regserver service show-key` shows on the server";
        Failure(WRONG, format!("cannot read the key file {}: {error}; {hint}", file.display()))
    })?;
    Ok(text.lines().next().unwrap_or_default().as_bytes().to_vec())
}

fn parse(method: &str) -> Result<Method, Failure> {
    let known = super::call::methods();
    Method::parse(method)
        .ok_or_else(|| Failure(WRONG, format!("there is no method {method}; there are: {known}")))
}
