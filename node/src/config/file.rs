//! The configuration file: TOML, in which a key that nobody knows is an error.

use std::{
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml::Spanned;

use super::{
    error::{Error, Place},
    layer::{Field, Layer},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<Spanned<String>>,
    listen: Option<Spanned<Vec<String>>>,
    announce: Option<Spanned<Vec<String>>>,
    relays: Option<Spanned<Vec<String>>>,
    relay_server: Option<Spanned<bool>>,
    stealth: Option<Spanned<bool>>,
    expect: Option<Spanned<Vec<String>>>,
    visibility: Option<Spanned<String>>,
    dht: Option<Spanned<String>>,
    bootstrap: Option<Spanned<Vec<String>>>,
    swarm_key: Option<Spanned<PathBuf>>,
    dht_prefix: Option<Spanned<String>>,
    #[serde(default)]
    tasks: Tasks,
    #[serde(default)]
    polo: Polo,
    #[serde(default)]
    log: Log,
    #[serde(default)]
    limits: Limits,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tasks {
    accept: Option<Spanned<String>>,
    policy: Option<Spanned<String>>,
    threshold: Option<Spanned<f64>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Polo {
    share: Option<Spanned<bool>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    filter: Option<Spanned<String>>,
    format: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    inbox_bytes: Option<Spanned<u64>>,
    outbox_bytes: Option<Spanned<u64>>,
    files_bytes: Option<Spanned<u64>>,
    tasks_bytes: Option<Spanned<u64>>,
    connections: Option<Spanned<u64>>,
    kept_connections: Option<Spanned<u64>>,
}

/// Reads the settings in the file at `path`; a file that does not exist has none.
pub(super) fn read(path: &Path) -> Result<Layer, Error> {
    match fs::read_to_string(path) {
        Ok(text) => parse(path, &text),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(Layer::default()),
        Err(source) => Err(Error::Read { path: path.to_owned(), source }),
    }
}

fn parse(path: &Path, text: &str) -> Result<Layer, Error> {
    let file: File = toml::from_str(text).map_err(|error| Error::File {
        path: path.to_owned(),
        line: line(text, error.span().unwrap_or_default()),
        message: error.message().to_owned(),
    })?;
    let source = Source { path, text };
    Ok(Layer {
        name: source.field(file.name),
        listen: source.field(file.listen),
        announce: source.field(file.announce),
        relays: source.field(file.relays),
        relay_server: source.field(file.relay_server),
        stealth: source.field(file.stealth),
        expect: source.field(file.expect),
        visibility: source.field(file.visibility),
        dht: source.field(file.dht),
        bootstrap: source.field(file.bootstrap),
        swarm_key: source.field(file.swarm_key).map(|field| source.beside(field)),
        dht_prefix: source.field(file.dht_prefix),
        tasks_accept: source.field(file.tasks.accept),
        tasks_policy: source.field(file.tasks.policy),
        tasks_threshold: source.field(file.tasks.threshold),
        polo_share: source.field(file.polo.share),
        log_filter: source.field(file.log.filter),
        log_format: source.field(file.log.format),
        inbox_bytes: source.field(file.limits.inbox_bytes),
        outbox_bytes: source.field(file.limits.outbox_bytes),
        files_bytes: source.field(file.limits.files_bytes),
        tasks_bytes: source.field(file.limits.tasks_bytes),
        connections: source.field(file.limits.connections),
        kept_connections: source.field(file.limits.kept_connections),
        // A secret that is used once: nothing that stays.
        invite: None,
    })
}

/// The text that values came from.
struct Source<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn field<R>(&self, value: Option<Spanned<R>>) -> Option<Field<R>> {
        let value = value?;
        let place = Place::File { path: self.path.to_owned(), line: line(self.text, value.span()) };
        Some(Field { raw: value.into_inner(), place })
    }

    /// A relative path leads from the directory of the file.
    fn beside(&self, Field { raw, place }: Field<PathBuf>) -> Field<PathBuf> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        Field { raw: directory.join(raw), place }
    }
}

/// The line on which `span` begins, counted from 1.
fn line(text: &str, span: Range<usize>) -> usize {
    1 + text.bytes().take(span.start).filter(|&byte| byte == b'\n').count()
}
