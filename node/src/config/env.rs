//! Every environment variable that Airway reads.

use super::{
    error::Place,
    layer::{Field, Layer},
};

/// The home directory, in place of `~/.local/share/airway`. The flag `--home` overrides it.
pub const HOME: &str = "AIRWAY_HOME";
/// Setting `name`.
pub const NAME: &str = "AIRWAY_NAME";
/// Setting `listen`: multiaddrs with commas between them.
pub const LISTEN: &str = "AIRWAY_LISTEN";
/// The invite to the network that a new home joins at its start; it stands in no file.
pub const INVITE: &str = "AIRWAY_INVITE";
/// Setting `log.filter`.
pub const LOG: &str = "AIRWAY_LOG";
/// Setting `log.format`: `text` or `json`.
pub const LOG_FORMAT: &str = "AIRWAY_LOG_FORMAT";
/// The passphrase of an exported identity, for programs; people are asked for it.
pub const PASSPHRASE: &str = "AIRWAY_PASSPHRASE";

/// Between the addresses of a list. No multiaddr that a node listens on contains it.
const LIST_SEPARATOR: char = ',';

/// The environment of this process; a variable that is not UTF-8 counts as unset.
pub fn system(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

/// Takes the settings out of the environment; an empty variable counts as unset, as shells expect.
pub(super) fn read(env: impl Fn(&str) -> Option<String>) -> Layer {
    let text = |variable: &'static str| {
        let raw = env(variable).filter(|value| !value.trim().is_empty())?;
        Some(Field { raw, place: Place::Env(variable) })
    };
    Layer {
        name: text(NAME),
        listen: text(LISTEN).map(|field| Field { raw: list(&field.raw), place: field.place }),
        invite: text(INVITE),
        log_filter: text(LOG),
        log_format: text(LOG_FORMAT),
        ..Layer::default()
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(LIST_SEPARATOR).map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}
