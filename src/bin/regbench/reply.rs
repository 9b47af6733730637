//! Replies: whether one is complete, and whether it is the expected one.
//!
//! As little HTTP as the server needs to be understood; anything unusual is an error, because a load
//! program that forgives would measure failures as fast replies.

use anyhow::{Context, bail};

/// The longest head of a reply.
const LONGEST_HEAD: usize = 4096;
/// After this the reply proper begins.
const HEAD_ENDS: &[u8] = b"</regversion>";
/// How far into the body that may stand.
const HEAD_WITHIN: usize = 200;

/// The length of the reply at the front of `bytes` with its head, and where its body begins; `None`:
/// not all of it is there.
pub fn complete(bytes: &[u8]) -> anyhow::Result<Option<(usize, usize)>> {
    let Some(end) = find(bytes, b"\r\n\r\n") else {
        if bytes.len() > LONGEST_HEAD {
            bail!("a reply has no end to its head");
        }
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..end]).context("a reply's head is no text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let body = end + 4;
    let length = length.with_context(|| format!("a reply without Content-Length: {head}"))?;
    if !status.starts_with("HTTP/1.1 200 ") {
        bail!("a reply of status {status}: {}", String::from_utf8_lossy(&bytes[body..]));
    }
    Ok((bytes.len() >= body + length).then_some((body + length, body)))
}

/// Whether what follows the reply's first elements begins as expected.
pub fn check(body: &[u8], expected: &str) -> anyhow::Result<()> {
    let start = find(&body[..body.len().min(HEAD_WITHIN)], HEAD_ENDS);
    let rest = start.map(|start| &body[start + HEAD_ENDS.len()..]);
    if rest.is_some_and(|rest| rest.starts_with(expected.as_bytes())) {
        return Ok(());
    }
    bail!("{expected} was expected, but the reply is {}", String::from_utf8_lossy(body));
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
