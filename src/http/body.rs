//! Reading a body: bounded in bytes and in time.

use std::time::Duration;

use std::pin::Pin;
use std::task::Poll;

use actix_web::web::{Bytes, BytesMut, Payload};

/// What a body may cost.
pub struct Bounds {
    /// The most bytes.
    pub bytes: usize,
    /// The most time.
    pub wait: Duration,
}

/// Why there is no body.
pub enum NoBody {
    /// More bytes than allowed.
    TooLarge,
    /// Too slow.
    TooSlow,
    /// The client went away or broke the rules of HTTP.
    Broken,
}

/// The whole body. One that comes in one piece is not copied.
pub async fn read(payload: Payload, declared: Option<&str>, bounds: &Bounds) -> Result<Bytes, NoBody> {
    let declared = declared.and_then(|length| length.parse::<usize>().ok());
    if declared.is_some_and(|length| length > bounds.bytes) {
        return Err(NoBody::TooLarge);
    }
    let mut collected = std::pin::pin!(collect(payload, bounds.bytes));
    // Most bodies have come with their head; only one that has not needs a timer.
    if let Some(read) = at_once(collected.as_mut()).await {
        return read;
    }
    match tokio::time::timeout(bounds.wait, collected).await {
        Ok(read) => read,
        Err(_) => Err(NoBody::TooSlow),
    }
}

/// What a future gives without waiting.
async fn at_once<T>(mut future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    std::future::poll_fn(|context| {
        Poll::Ready(match future.as_mut().poll(context) {
            Poll::Ready(given) => Some(given),
            Poll::Pending => None,
        })
    })
    .await
}

async fn collect(mut payload: Payload, most: usize) -> Result<Bytes, NoBody> {
    let Some(first) = next(&mut payload).await? else { return Ok(Bytes::new()) };
    if first.len() > most {
        return Err(NoBody::TooLarge);
    }
    let Some(second) = next(&mut payload).await? else { return Ok(first) };
    let mut body = BytesMut::from(&first[..]);
    let mut piece = Some(second);
    while let Some(bytes) = piece {
        if body.len() + bytes.len() > most {
            return Err(NoBody::TooLarge);
        }
        body.extend_from_slice(&bytes);
        piece = next(&mut payload).await?;
    }
    Ok(body.freeze())
}

async fn next(payload: &mut Payload) -> Result<Option<Bytes>, NoBody> {
    let mut payload = std::pin::Pin::new(payload);
    let piece =
        std::future::poll_fn(|context| futures_core::Stream::poll_next(payload.as_mut(), context)).await;
    piece.transpose().map_err(|_| NoBody::Broken)
}
