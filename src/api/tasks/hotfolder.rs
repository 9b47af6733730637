//! Hot folders: a file of users that somebody puts into a provider's folder is imported and put away with its result.
//!
//! The work itself is a job like any import. Here a file is taken, a job made from it, and the file put away when the
//! job has ended. Each step is made so that whoever comes after a kill sees which were done: the file lies in `work`
//! from the first one on, a row names its job before the job may begin, and the row goes when the file has gone. The
//! lease of the task is renewed before every step that moves anything.

mod folder;
mod intake;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;

use super::Ran;
use crate::api::Api;
use crate::api::jobs::report::Report;
use crate::domain::tasks::Task;
use crate::domain::time::Time;
use crate::error::Result;
use crate::snapshot::{Provider, Snapshot};
use crate::store::hot_files::HotFile;
use crate::store::jobs::{Job, State};
use folder::{End, Folder};
use intake::Taken;

/// The most files of a folder that are taken in one run.
const MOST: usize = 100;
/// The most characters that are told of what is wrong.
const TOLD: usize = 1_000;

/// Files that were handled since the start.
#[derive(Default)]
pub struct HotFiles {
    done: AtomicU64,
    failed: AtomicU64,
}

impl HotFiles {
    /// How many went where.
    pub fn counts(&self) -> [(&'static str, u64); 2] {
        [(End::Done, &self.done), (End::Failed, &self.failed)]
            .map(|(end, count)| (end.name(), count.load(Ordering::Relaxed)))
    }

    fn count(&self, end: End) {
        let count = if end == End::Done { &self.done } else { &self.failed };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

impl Api {
    /// Looks into every provider's folder.
    pub(super) fn look_into_folders(self: &Arc<Api>) -> Result<Ran> {
        let mut round = Round::new(self);
        for file in self.read(|tx| tx.hot_files())? {
            if self.keeper.stopping() {
                break;
            }
            round.finish(&file)?;
        }
        let snapshot = self.snapshot();
        for (path, provider) in round.folders(&snapshot) {
            if self.keeper.stopping() {
                break;
            }
            round.take_from(&path, &provider)?;
        }
        Ok(Ran::done(round.told()))
    }

    /// Whether any provider has one.
    pub(super) fn has_hot_folder(&self) -> bool {
        self.snapshot().providers().any(|provider| !provider.settings.import_folder.is_empty())
    }

    /// A file whose job has ended is put away at once, not at the next time.
    pub(super) fn wake_hot_folder(&self) -> Result<()> {
        let row = self.read(|tx| tx.task(Task::HotFolder))?;
        let (waits, since) = (row.run_now || !row.enabled, row.started.unwrap_or(Time(0)));
        if waits || !row.owner.is_empty() || !self.read(|tx| tx.hot_file_ended(since))? {
            return Ok(());
        }
        self.write(|tx| tx.wake_hot_folder())
    }
}

/// One run, and what came of it.
struct Round<'a> {
    api: &'a Arc<Api>,
    now: Time,
    begun: usize,
    under_way: usize,
    ended: [usize; 2],
    growing: usize,
    removed: usize,
    troubles: Vec<String>,
}

impl<'a> Round<'a> {
    fn new(api: &'a Arc<Api>) -> Round<'a> {
        let (now, troubles) = (api.clock.now(), Vec::new());
        Round { api, now, begun: 0, under_way: 0, ended: [0; 2], growing: 0, removed: 0, troubles }
    }

    /// In words.
    fn told(&self) -> String {
        let [done, failed] = self.ended;
        let mut text =
            format!("{} files begun, {} under way, {done} done, {failed} failed", self.begun, self.under_way);
        for (count, what) in [(self.growing, "not complete yet"), (self.removed, "old ones removed")] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        match self.troubles.is_empty() {
            true => text,
            false => format!("failed: {}; {text}", self.troubles.join("; ")).chars().take(TOLD).collect(),
        }
    }

    /// What the disk had to say against it is noted, and the others go on.
    fn noted<T>(&mut self, about: &str, of: anyhow::Result<T>) -> Option<T> {
        of.map_err(|error| self.trouble(about, &format!("{error:#}"))).ok()
    }

    fn trouble(&mut self, about: &str, what: &str) {
        log::warn!("the hot folder: {about}: {what}");
        self.troubles.push(format!("{about}: {what}"));
    }

    /// Renews the lease: no other program moves files as long as it holds.
    fn hold(&self) -> Result<()> {
        self.api.held(Task::HotFolder, |_| Ok(()))
    }

    /// The folders of all providers; none that two of them name, for nobody knows whose users it has.
    fn folders(&mut self, snapshot: &Snapshot) -> Vec<(String, Arc<Provider>)> {
        let mut found: BTreeMap<String, Vec<Arc<Provider>>> = BTreeMap::new();
        for provider in snapshot.providers().filter(|provider| !provider.settings.import_folder.is_empty()) {
            let stated = Path::new(&provider.settings.import_folder);
            let real = std::fs::canonicalize(stated)
                .with_context(|| format!("cannot look into {}", stated.display()));
            let text = real.and_then(|real| {
                anyhow::ensure!(stated.is_absolute(), "CSVIMPORT/CSV_IMPORT_DIR must begin with a /");
                Ok(real.to_str().context("the folder's name is not UTF-8")?.to_owned())
            });
            if let Some(path) = self.noted(&format!("provider {}", provider.code), text) {
                found.entry(path).or_default().push(provider.clone());
            }
        }
        let mut alone = Vec::new();
        for (path, mut providers) in found {
            match providers.pop() {
                Some(provider) if providers.is_empty() => alone.push((path, provider)),
                _ => self
                    .trouble(&path, "two providers name it as CSVIMPORT/CSV_IMPORT_DIR: give each its own"),
            }
        }
        alone
    }

    /// Takes new files, and makes a job from each that was taken and has none.
    fn take_from(&mut self, path: &str, provider: &Arc<Provider>) -> Result<()> {
        let about = format!("provider {}", provider.code);
        self.hold()?;
        let Some(folder) = self.noted(&about, Folder::open(Path::new(path))) else { return Ok(()) };
        let removed = folder.clear(self.now, self.api.hotfolder.keep_days);
        self.removed += self.noted(&about, removed).unwrap_or(0);
        if !provider.settings.import_active {
            return Ok(());
        }
        let taken = self.take_files(&folder);
        let Some(names) = self.noted(&about, taken) else { return Ok(()) };
        let known = self.api.read(|tx| tx.hot_files())?;
        let known = |name: &String| known.iter().any(|file| file.folder == path && file.name == *name);
        for name in names.into_iter().filter(|name| !known(name)) {
            if self.api.keeper.stopping() {
                break;
            }
            self.begin(provider, (path, &folder), &name)?;
        }
        Ok(())
    }

    /// Takes what is complete; the names of all that was taken, now or before.
    fn take_files(&mut self, folder: &Folder) -> anyhow::Result<Vec<String>> {
        let found = folder.look(self.now, self.api.hotfolder.settle_seconds)?;
        self.growing += found.growing;
        for file in found.complete.iter().take(MOST) {
            match folder.take(file, self.now, self.chance()) {
                // Whoever put it there has taken it away, or gave it its right name just now.
                Err(_) if !file.exists() => {}
                taken => drop(self.noted(&file.display().to_string(), taken)),
            }
        }
        let names = folder.taken(self.now, || self.chance())?;
        // A job may only begin when the disk knows where its file is.
        folder.sync(&["work"])?;
        Ok(names)
    }

    fn chance(&self) -> [u8; 4] {
        let mut digits = [0; 4];
        digits.copy_from_slice(&self.api.chance.seed()[..4]);
        digits
    }

    /// Makes a job from a file, or puts it away where it is none.
    fn begin(&mut self, provider: &Arc<Provider>, (path, folder): (&str, &Folder), name: &str) -> Result<()> {
        self.hold()?;
        let (code, own) = (&provider.code, folder::own(name));
        match intake::read_in(self.api, provider, (path, name), &folder.at_work(name))? {
            Taken::Begun(job) => {
                self.begun += 1;
                log::info!("the hot folder: provider {code}: {own} is imported by job {job}");
            }
            Taken::Refused(number, why) => {
                let put = folder.put_away(name, End::Failed, |file| {
                    let mut report = Report::begin(file)?;
                    report.file(own, number, &why)?;
                    report.end()
                });
                if self.noted(own, put).is_some() {
                    self.ended(End::Failed);
                    log::warn!("the hot folder: provider {code}: {own} is in failed as {name}: {why}");
                }
            }
            Taken::Later(why) => self.trouble(own, &why),
        }
        Ok(())
    }

    fn ended(&mut self, end: End) {
        self.ended[usize::from(end == End::Failed)] += 1;
        self.api.hot_files.count(end);
    }

    /// Puts a file away whose job has ended.
    fn finish(&mut self, file: &HotFile) -> Result<()> {
        let job = self.api.read(|tx| tx.job(file.job))?;
        if let Some(job) = job.as_ref().filter(|job| job.state.open()) {
            if job.complete {
                self.under_way += 1;
                return Ok(());
            }
            // Whoever made the job was stopped amidst: nothing of it was done, and nothing will be.
            let (file, now) = (file.clone(), self.now);
            return self.api.held(Task::HotFolder, move |tx| tx.begin_file_anew(&file, now));
        }
        self.hold()?;
        let end = match &job {
            Some(job) if job.state == State::Done && job.counts.refused == 0 => End::Done,
            _ => End::Failed,
        };
        let put = self.put_away(file, job.as_ref(), end);
        if self.noted(folder::own(&file.name), put).is_none() {
            return Ok(());
        }
        self.ended(end);
        let id = file.id;
        self.api.held(Task::HotFolder, move |tx| tx.drop_hot_file(id))
    }

    fn put_away(&self, file: &HotFile, job: Option<&Job>, end: End) -> anyhow::Result<()> {
        let own = folder::own(&file.name);
        let said = match job {
            None => "its job is not known any more, nor what became of its rows".to_owned(),
            Some(job) if job.state == State::Done => String::new(),
            Some(job) => format!("job {} is {}: {}", job.id, job.state.name(), job.reason),
        };
        Folder::again(Path::new(&file.folder))?.put_away(&file.name, end, |to| {
            let mut report = Report::begin(to)?;
            if !said.is_empty() {
                report.file(own, 0, &said)?;
            }
            report.rows(self.api, file.job)?;
            report.end()
        })?;
        let counts = job.map(|job| job.counts).unwrap_or_default();
        log::info!(
            "the hot folder: {own} is in {} as {}: job {}: created {}, updated {}, unchanged {}, refused {}{}{said}",
            end.name(),
            file.name,
            file.job,
            counts.made,
            counts.updated,
            counts.unchanged(),
            counts.refused,
            if said.is_empty() { "" } else { "; " },
        );
        Ok(())
    }
}
