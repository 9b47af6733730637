//! Long work: what an import does to users, how a job goes on and ends, one command for many users.

mod askers;
mod bulk;
mod ends;
mod export;
mod import;

use crate::world::{Reply, World};

/// Imports, does the work, and shows the job.
pub fn imported(world: &World, fields: &str) -> Reply {
    let job = world.call(&format!("importusers {fields} last=true")).done().text("job");
    world.work();
    world.call(&format!("getjob job={job}")).done()
}

/// What became of each row: `created`, or `refused -30103`.
pub fn outcomes(job: &Reply) -> Vec<String> {
    let codes = job.texts("code");
    let both = job.texts("outcome").into_iter().zip(codes);
    both.map(|(outcome, code)| format!("{outcome} {code}").trim_end().to_owned()).collect()
}
