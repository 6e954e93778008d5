//! Protocols and ports, and who is offered which.

use airway_protocols::{
    admit, claim::fetch, data, echo, events, files, join, knock, network::Realm, perf, port::Port, tasks,
    trust,
};

use super::{document::Table, golden, source};
use crate::row;

/// What stock libp2p clients got, word for word.
const TRANSCRIPTS: &str = "interop-tests/tests/stock/stranger";

pub(crate) fn tables() -> Vec<Table> {
    vec![protocols(), ports(), offered(), realms()]
}

fn protocols() -> Table {
    let fixed = [
        echo::PROTOCOL,
        trust::PROTOCOL,
        data::PROTOCOL,
        files::PROTOCOL,
        events::PROTOCOL,
        tasks::PROTOCOL,
        perf::PROTOCOL,
        knock::PROTOCOL,
        join::PROTOCOL,
        admit::PROTOCOL,
        fetch::PROTOCOL,
        Realm::backbone().kad(),
    ];
    let of_port = |number| Port::new(number).unwrap().protocol();
    let all = fixed.into_iter().chain([of_port(5000)]);
    let meshsub =
        golden::cases("network.json", "realms").into_iter().find(|realm| realm["network"] == "mesh");
    let meshsub = meshsub.unwrap()["meshsub"].as_str().unwrap().to_owned();
    let ids = all.map(|id| id.to_string()).chain([meshsub]);
    Table { name: "protocols", rows: ids.map(|id| row![format!("`{id}`")]).collect() }
}

fn ports() -> Table {
    let numbers = [1, 7, 444, 1000, 1001, 1002, 1003, 65535];
    let line = |number: &u16| {
        let port = Port::new(*number).unwrap();
        row![number, format!("`{}`", port.protocol()), port.service().unwrap_or("any program")]
    };
    let held: Vec<_> = (1..=u16::MAX).filter(|number| Port::new(*number).unwrap().is_reserved()).collect();
    assert!(held.iter().all(|number| numbers.contains(number)), "a service that is not in the table");
    Table { name: "ports", rows: numbers.iter().map(line).collect() }
}

/// From the transcripts: which protocols a stranger could open.
fn offered() -> Table {
    let transcripts =
        ["agent", "relay", "private-relay"].map(|name| source::text(&format!("{TRANSCRIPTS}/{name}.txt")));
    let asked =
        |line: &str| line.starts_with('/').then(|| line.split_once(": ").map(|(id, _)| id.to_owned()));
    let ids = transcripts[0].lines().filter_map(asked).flatten();
    let of = |text: &String, id: &str| {
        let opened = text.lines().any(|line| line == format!("{id}: opened"));
        let refused = text.lines().any(|line| line == format!("{id}: not available"));
        assert!(opened != refused, "{id}");
        if opened { "yes" } else { "no" }
    };
    let rows = ids.filter_map(|id| {
        let [agent, relay, private] = [0, 1, 2].map(|at: usize| of(&transcripts[at], &id));
        [agent, relay, private].contains(&"yes").then(|| row![format!("`{id}`"), agent, relay, private])
    });
    Table { name: "offered", rows: rows.collect() }
}

fn realms() -> Table {
    let rows = golden::cases("network.json", "realms").into_iter().map(|realm| {
        let text = |key: &str| realm[key].as_str().unwrap().to_owned();
        row![text("network"), realm["number"], format!("`{}`", text("id")), format!("`{}`", text("kad"))]
    });
    Table { name: "realms", rows: rows.collect() }
}
