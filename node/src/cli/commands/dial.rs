//! `airway dial`: the calling end of a raw stream.

use serde::Serialize;

use crate::{
    api::DialQuery,
    cli::{
        Context, Error,
        output::{Nothing, Output, View, clean},
        pipe::Pipe,
        wait::Wait,
    },
};

const EXAMPLES: &str = "\
Examples:
  airway dial bob 5000
  airway dial '0:0000.EB19.D348#foc5k3hjvu2rpbac:5000' < file
  echo hello | airway dial bob 7";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Alias, name, address or card of the agent, or an address with its port
    who: String,
    /// The port, unless it is part of the address
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    #[command(flatten)]
    wait: Wait,
}

/// Whom the network has named.
#[derive(Debug, Serialize)]
struct Found<'a> {
    who: &'a str,
    address: &'a str,
}

impl Output for Found<'_> {
    fn text(&self, _view: &View) -> String {
        format!("{} is {}", clean::line(self.who), clean::line(self.address))
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<Nothing, Error> {
    let (who, port) = endpoint(&args.who, args.port)?;
    let client = context.client()?;
    let stream = client.dial(who, port, &DialQuery { timeout_ms: args.wait.millis() }).await?;
    if let Some(address) = stream.leads_to() {
        context.printer.notice(&Found { who, address });
    }
    let mut pipe = Pipe::stdio()?;
    pipe.carry(stream).await?;
    pipe.finish().await?;
    Ok(Nothing)
}

/// Whom to dial, and which port: two arguments, or one that ends in `:port`.
fn endpoint(who: &str, port: Option<u16>) -> Result<(&str, u16), Error> {
    if let Some(port) = port {
        return Ok((who, port));
    }
    let split = who.rsplit_once(':').and_then(|(who, port)| Some((who, port.parse().ok()?)));
    match split {
        Some((who, port)) if port > 0 && !who.is_empty() => Ok((who, port)),
        _ => Err(Error::usage("no port to dial", "name it, as in `airway dial bob 7`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_may_be_part_of_the_address() {
        let address = "0:0000.EB19.D348#foc5k3hjvu2rpbac";
        assert_eq!(endpoint(&format!("{address}:5000"), None).unwrap(), (address, 5000));
        assert_eq!(endpoint("bob", Some(7)).unwrap(), ("bob", 7));
    }

    #[test]
    fn an_address_alone_has_no_port() {
        for who in ["0:0000.EB19.D348#foc5k3hjvu2rpbac", "0:0000.EB19.D348", "bob", ":7", "bob:0"] {
            assert!(endpoint(who, None).is_err(), "{who}");
        }
    }
}
