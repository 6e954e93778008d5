//! Cards, tickets and invites, as arguments or from stdin.

use std::io::{self, BufRead, BufReader, IsTerminal, Read};

use super::error::Error;

/// The longest text that is read in search of one.
const TEXT: u64 = 64 * 1024;

/// The card in an argument, or all that stdin has.
pub(super) fn card(given: String) -> Result<String, Error> {
    read(given, "card", |input, text| input.read_to_string(text))
}

/// The ticket in an argument, or the first line of stdin: whoever writes it there may be waiting for it to be used.
pub(super) fn ticket(given: String) -> Result<String, Error> {
    read(given, "ticket", |input, text| input.read_line(text))
}

/// The invite in an argument, or the first line of stdin.
pub(super) fn invite(given: String) -> Result<String, Error> {
    read(given, "invite", |input, text| input.read_line(text))
}

fn read(
    given: String,
    what: &str,
    read: impl FnOnce(&mut dyn BufRead, &mut String) -> io::Result<usize>,
) -> Result<String, Error> {
    if given != "-" {
        return Ok(given.trim().to_owned());
    }
    if io::stdin().is_terminal() {
        let hint = format!("pipe a {what} into it, or give the {what} as argument");
        return Err(Error::usage(format!("no {what} on stdin"), hint));
    }
    let mut text = String::new();
    read(&mut BufReader::new(io::stdin().take(TEXT)), &mut text).map_err(|error| {
        Error::usage(format!("cannot read a {what} from stdin: {error}"), format!("pipe a {what} into it"))
    })?;
    Ok(text.trim().to_owned())
}
