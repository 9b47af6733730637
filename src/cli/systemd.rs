//! What systemd is told of the program's life, where it is systemd that has started it.
//!
//! With `Type=notify` a unit counts as started when calls are taken, and as stuck when the program stops saying
//! that it is alive. Elsewhere nobody listens, and telling costs nothing.

use sd_notify::NotifyState;

use crate::http::{Place, Stage};

/// Tells systemd of a stage.
pub fn tell(stage: &Stage<'_>) {
    let told = match stage {
        Stage::Ready(places) => {
            let status = format!("listens on {}", list(places));
            sd_notify::notify(&[NotifyState::Ready, NotifyState::Status(&status)])
        }
        Stage::Alive => sd_notify::notify(&[NotifyState::Watchdog]),
        Stage::Reloading => {
            let begun = NotifyState::monotonic_usec_now();
            begun.and_then(|begun| sd_notify::notify(&[NotifyState::Reloading, begun]))
        }
        Stage::Reloaded(Some(_)) => {
            sd_notify::notify(&[NotifyState::Ready, NotifyState::Status("configuration read again")])
        }
        Stage::Reloaded(None) => {
            let status = "the changed configuration cannot be used: see the log";
            sd_notify::notify(&[NotifyState::Ready, NotifyState::Status(status)])
        }
        Stage::Stopping => sd_notify::notify(&[NotifyState::Stopping]),
    };
    if let Err(error) = told {
        log::debug!("systemd was not told: {error}");
    }
}

fn list(places: &[Place]) -> String {
    let shown = |place: &Place| match place.encrypted {
        true => format!("{} (TLS)", place.address),
        false => place.address.to_string(),
    };
    places.iter().map(shown).collect::<Vec<_>>().join(", ")
}
