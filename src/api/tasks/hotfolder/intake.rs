//! A file of a hot folder becomes a job, by the command that does it for everybody.
//!
//! The job stands incomplete until its last piece has come, and an incomplete job is never done. So the row that ties
//! file and job together is written behind the first piece, and whoever is killed before the last one has imported
//! nothing.

use std::fs::{self, Metadata};
use std::path::Path;
use std::sync::Arc;

use super::folder::no_file;
use crate::api::Api;
use crate::api::answer::Answer;
use crate::api::jobs::pieces::Pieces;
use crate::api::tasks::{LATER, TRIES};
use crate::call::{Caller, Origin};
use crate::domain::tasks::Task;
use crate::error::{Code, Result};
use crate::snapshot::Provider;
use crate::store::hot_files::HotFile;
use crate::store::jobs::State;
use crate::wire::fields::{Fields, Value};

const MIB: u64 = 1 << 20;

/// What came of a file.
pub(super) enum Taken {
    /// This job, which may have failed already.
    Begun(i64),
    /// No job, for that code and reason.
    Refused(i64, String),
    /// Nothing now, for that reason.
    Later(String),
}

/// What was said to a piece.
enum Said {
    Job(i64),
    Refused(i64, String),
    /// It has to do with the server, not with the piece.
    Fault(String),
}

/// A file on its way into a job.
struct Intake<'a> {
    api: &'a Arc<Api>,
    provider: &'a Provider,
}

/// Makes a job from the file of that folder and name.
pub(super) fn read_in(
    api: &Arc<Api>,
    provider: &Provider,
    (folder, name): (&str, &str),
    path: &Path,
) -> Result<Taken> {
    let (mut pieces, data) = match open(path, u64::from(api.hotfolder.max_mib)) {
        Ok(opened) => opened,
        Err(why) => return Ok(Taken::Refused(0, why)),
    };
    let intake = Intake { api, provider };
    let first = match pieces.next() {
        Some(Ok(first)) => first,
        Some(Err(why)) => return Ok(Taken::Refused(0, told(&why, path))),
        None => return Ok(Taken::Refused(0, "it is empty".to_owned())),
    };
    let job = match intake.ask(None, Some(&first)) {
        Said::Job(job) => job,
        Said::Refused(code, why) => return Ok(Taken::Refused(code, why)),
        Said::Fault(why) => return Ok(Taken::Later(why)),
    };
    let file =
        HotFile { id: 0, provider: provider.id, folder: folder.to_owned(), name: name.to_owned(), job };
    let added = file.clone();
    let id = api.held(Task::HotFolder, move |tx| {
        tx.add_hot_file(added.provider, &added.folder, &added.name, added.job)
    })?;
    intake.rest(&HotFile { id, ..file }, pieces, (path, &data))
}

/// The file in pieces; else why it cannot be read.
fn open(path: &Path, most: u64) -> std::result::Result<(Pieces, Metadata), String> {
    let data = fs::symlink_metadata(path).map_err(|error| format!("it cannot be read: {error}"))?;
    if let Some(why) = no_file(&data) {
        return Err(why.to_owned());
    }
    if data.len() > most * MIB {
        return Err(format!(
            "it has {} bytes, and hotfolder.max_mib of the configuration allows {most} MiB: divide it",
            data.len()
        ));
    }
    let pieces = Pieces::open(path).map_err(|error| match error.downcast_ref::<std::io::Error>() {
        Some(cause) => format!("it cannot be read: {cause}"),
        None => told(&error, path),
    })?;
    Ok((pieces, data))
}

/// What is wrong with the file, by its name alone: whoever reads that finds it beside the result, and not in `work`.
fn told(why: &anyhow::Error, path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("{why:#}").replace(&path.display().to_string(), &name)
}

impl Intake<'_> {
    /// Sends what follows the first piece, and the end.
    fn rest(&self, file: &HotFile, pieces: Pieces, (path, data): (&Path, &Metadata)) -> Result<Taken> {
        for piece in pieces {
            if self.api.keeper.stopping() {
                return Ok(Taken::Later("the server is stopping".to_owned()));
            }
            self.api.held(Task::HotFolder, |_| Ok(()))?;
            let said = match piece {
                Ok(piece) => self.ask(Some(file.job), Some(&piece)),
                Err(why) => Said::Refused(0, told(&why, path)),
            };
            match said {
                Said::Job(_) => {}
                Said::Refused(_, why) => return self.spoil(file, why),
                Said::Fault(why) => return Ok(Taken::Later(why)),
            }
        }
        let now = fs::symlink_metadata(path);
        let same = |now: &Metadata| (now.len(), now.modified().ok()) == (data.len(), data.modified().ok());
        if !now.is_ok_and(|now| same(&now)) {
            let (file, now) = (file.clone(), self.api.clock.now());
            self.api.held(Task::HotFolder, move |tx| tx.begin_file_anew(&file, now))?;
            return Ok(Taken::Later("it was changed while it was read, and is read again".to_owned()));
        }
        self.api.held(Task::HotFolder, |_| Ok(()))?;
        Ok(match self.ask(Some(file.job), None) {
            Said::Job(job) => Taken::Begun(job),
            Said::Refused(_, why) => return self.spoil(file, why),
            Said::Fault(why) => Taken::Later(why),
        })
    }

    /// Ends a job before it began; the file is put away with that reason.
    fn spoil(&self, file: &HotFile, why: String) -> Result<Taken> {
        let (job, now) = (file.job, self.api.clock.now());
        self.api.held(Task::HotFolder, move |tx| tx.end_job(job, State::Failed, &why, now))?;
        Ok(Taken::Begun(job))
    }

    /// A piece, or the end.
    fn ask(&self, job: Option<i64>, piece: Option<&str>) -> Said {
        let (truth, number) =
            (|value: bool| if value { "true" } else { "false" }, job.map(|job| job.to_string()));
        let mut fields = Fields::new();
        for (name, text) in [
            ("distributor", Some(self.provider.code.as_str())),
            ("origin", Some(Origin::UserImport.name())),
            ("update", Some(truth(true))),
            ("activate", Some(truth(true))),
            ("last", Some(truth(piece.is_none()))),
            ("job", number.as_deref()),
            ("csv", piece),
        ] {
            if let Some(text) = text {
                fields.push(name, Value::Text(text.into()));
            }
        }
        let ask = || self.api.operate_as(Caller::Task(Task::HotFolder), "importusers", &fields);
        let mut answer = ask();
        for _ in 1..TRIES {
            // Another program writes; nothing of this was kept.
            if answer.trace.code != Code::Overloaded as i64 {
                break;
            }
            std::thread::sleep(LATER);
            answer = ask();
        }
        said(&answer)
    }
}

fn said(answer: &Answer) -> Said {
    let between = |from: &str| answer.body.split(from).nth(1).and_then(|rest| rest.split('<').next());
    let text =
        answer.trace.said.clone().or_else(|| between("<message>").map(str::to_owned)).unwrap_or_default();
    let code = answer.trace.code;
    match between("<job>").and_then(|number| number.parse().ok()) {
        Some(job) if code == 0 => Said::Job(job),
        _ if code == Code::Overloaded as i64 || code == Code::Unavailable as i64 => Said::Fault(text),
        _ => Said::Refused(code, text),
    }
}
