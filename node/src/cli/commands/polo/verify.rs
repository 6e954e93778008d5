//! `airway polo verify`: receipts of anybody, without a daemon.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use airway_protocols::polo::{self, Export, export};
use serde::Serialize;

use crate::{
    api::{self, Code},
    cli::{
        Context, Error,
        output::{Bar, Output, View, clean, human},
    },
};

const EXAMPLES: &str = "\
Examples:
  airway polo verify bob.polo
  airway polo verify bob.polo carol.polo

Each file is checked by itself, and against what the others say: receipts that somebody leaves out at the end show only \
beside a file of whom they are about. It needs no daemon, and ends with 1 if anything is wrong.";

/// The most files at once, each of which is held in memory.
const MAX_FILES: usize = 16;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Files that `airway polo export` has written
    #[arg(required = true, value_hint = clap::ValueHint::FilePath, num_args = 1..=MAX_FILES)]
    paths: Vec<PathBuf>,
}

/// What was found in all files.
#[derive(Debug, Serialize)]
struct Report {
    /// Nothing is wrong.
    sound: bool,
    files: Vec<Checked>,
}

/// What was found in a file.
#[derive(Debug, Serialize)]
struct Checked {
    path: String,
    /// Whose receipts it says that they are.
    agent: Option<String>,
    receipts: usize,
    findings: Vec<Found>,
}

/// One thing that is wrong.
#[derive(Debug, Serialize)]
struct Found {
    code: &'static str,
    text: String,
}

impl Output for Report {
    fn text(&self, _view: &View) -> String {
        let mut lines = Vec::new();
        for file in &self.files {
            let whose = file.agent.as_deref().unwrap_or("nobody that it names");
            let (path, receipts) = (clean::line(&file.path), count(file.receipts, "receipt"));
            let found = match file.findings.len() {
                0 => "all in order".to_owned(),
                found => count(found, "finding"),
            };
            lines.push(format!("{path}: {receipts} of {whose}, {found}"));
            lines.extend(
                file.findings
                    .iter()
                    .map(|found| format!("  {:<9}  {}", found.code, clean::line(&found.text))),
            );
        }
        lines.join("\n")
    }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Prints what was found; fails if anything is wrong.
pub(super) fn run(args: Args, context: &Context) -> Result<(), Error> {
    let bar = context.printer.bar();
    let exports = args.paths.iter().map(|path| read(path, &bar)).collect::<Result<Vec<_>, _>>()?;
    let files: Vec<_> = args.paths.iter().zip(0..).map(|(path, at)| check(path, at, &exports)).collect();
    drop(bar);
    let report = Report { sound: files.iter().all(|file| file.findings.is_empty()), files };
    context.printer.finish(&report)?;
    if report.sound { Ok(()) } else { Err(Error::Told) }
}

/// What is wrong with one of them, by itself and by what the others say.
fn check(path: &Path, at: usize, exports: &[Export]) -> Checked {
    let others = exports.iter().zip(0..).filter(|(_, other)| *other != at).map(|(other, _)| other);
    let export = &exports[at];
    let found = polo::verify(export, others);
    let finding =
        |finding: &polo::Finding| Found { code: finding.code().as_str(), text: finding.to_string() };
    Checked {
        path: path.display().to_string(),
        agent: export.head.as_ref().map(|head| head.agent().to_string()),
        receipts: export.receipts.len(),
        findings: found.iter().map(finding).collect(),
    }
}

fn read(path: &Path, bar: &Bar) -> Result<Export, Error> {
    let unreadable = |error: io::Error| {
        let error = api::Error::new(Code::NotFound, format!("cannot read {}: {error}", path.display()));
        Error::from(error.hint("name a file that airway polo export has written"))
    };
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let watched = Watched { file, bar, done: 0, size };
    Export::read(BufReader::new(watched)).map_err(|error| match error {
        export::Error::Io(error) => unreadable(error),
        other => Error::usage(
            format!("{}: {other}", path.display()),
            "name a file that airway polo export has written",
        ),
    })
}

/// A file that shows how far it is read: each line costs two signatures.
struct Watched<'a> {
    file: File,
    bar: &'a Bar,
    done: u64,
    size: u64,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.done += read as u64;
        let words = format!("{} of {}", human::size(self.done), human::size(self.size));
        self.bar.show("verifying", self.done, self.size.max(1), words);
        Ok(read)
    }
}
