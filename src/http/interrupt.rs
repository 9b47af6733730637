//! Ctrl-C for the command line: long work stops where it can go on later.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::rt::System;
use actix_web::rt::signal::unix::{SignalKind, signal};

/// How a shell names the end by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Becomes true with the first Ctrl-C or SIGTERM; the second one ends the program at once.
pub fn interrupted() -> anyhow::Result<Arc<AtomicBool>> {
    let (flag, noticed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let seen = flag.clone();
    let wait = move || {
        System::new().block_on(async move {
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if noticed.swap(true, Ordering::Relaxed) {
                    std::process::exit(INTERRUPTED);
                }
                seen.store(true, Ordering::Relaxed);
            }
        });
    };
    std::thread::Builder::new().name("signals".into()).spawn(wait)?;
    Ok(flag)
}
