use airway_protocols::name::Name;

use super::support::{File, golden, refused_texts};

#[test]
fn names_are_as_written() {
    let longest = "a".repeat(63);
    let too_long = "a".repeat(64);
    let positive: Vec<Name> = ["a", "7", "ada", "a-b", "a--b", "build-7", "0-0", "relays", "xn-a", &longest]
        .into_iter()
        .map(|text| text.parse().unwrap())
        .collect();
    let negative = refused_texts::<Name>(&[
        "",
        &too_long,
        "Ada",
        "ada ",
        "a_b",
        "a.b",
        "ädä",
        "-a",
        "a-",
        "-",
        "xn--80ak6aa92e",
        "localhost",
        "backbone",
        "broadcast",
        "registry",
        "beacon",
        "nameserver",
        "authority",
        "relay",
        "self",
        "0:0000.EB19.D348",
        "0:0000.EB19.D348#foc5k3hjvu2rpbac:7",
        "airway:CiQIARIg",
    ]);
    let about = "Names of agents. Texts under negative are none.";
    golden("name.json", &File { about, positive, negative });
}
