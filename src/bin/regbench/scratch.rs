//! The folder of the temporary databases, gone when the program ends.
//!
//! It goes at the end, on an error and on a panic by `Drop`, and on a signal by a thread that waits for
//! one; the children end by themselves when their parent does.

use std::path::{Path, PathBuf};

use actix_web::rt::signal::unix::{SignalKind, signal};
use anyhow::Context;

/// The folder.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes one that nobody else has.
    pub fn new(parent: &Path) -> anyhow::Result<Scratch> {
        let path = parent.join(format!("regbench-{}", std::process::id()));
        std::fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        let scratch = Scratch(path);
        scratch.remove_on_signal()?;
        Ok(scratch)
    }

    /// A folder inside, made empty.
    pub fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.0.join(name);
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        std::fs::create_dir(&path)?;
        Ok(path)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn remove_on_signal(&self) -> anyhow::Result<()> {
        let path = self.0.clone();
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            let stopped = actix_web::rt::System::new().block_on(first_signal());
            if stopped.is_ok() {
                remove(&path);
                std::process::exit(130);
            }
        })?;
        Ok(())
    }
}

async fn first_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Once more if a child that is just ending has put a file back.
fn remove(path: &Path) {
    for _ in 0..3 {
        if std::fs::remove_dir_all(path).is_ok() || !path.exists() {
            return;
        }
    }
}
