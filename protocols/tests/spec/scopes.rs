//! What a trusted agent may open, by its scopes.

use airway_protocols::{
    files, perf,
    port::Port,
    trust::{Pattern, Ports, Scopes},
};

use super::document::Table;
use crate::row;

pub(crate) fn tables() -> Vec<Table> {
    let port = |number| Port::new(number).unwrap();
    let only = |number| Scopes { ports: Ports::Only([port(number)].into()), ..Scopes::nothing() };
    let granted = [
        Scopes::nothing(),
        only(1001),
        only(5000),
        Scopes { ports: Ports::All, ..Scopes::nothing() },
        Scopes { publish: vec![Pattern::any()], ..Scopes::nothing() },
        Scopes { subscribe: vec![Pattern::any()], ..Scopes::nothing() },
        Scopes { submit: true, ..Scopes::nothing() },
    ];
    let of_ports = [7, 444, 1000, 1001, 1002, 1003, 5000].map(|number| port(number).protocol());
    let rows = of_ports.into_iter().chain([files::PROTOCOL, perf::PROTOCOL]).map(|protocol| {
        let admitted = granted.iter().map(|scopes| if scopes.admits(&protocol) { "yes" } else { "no" });
        row![format!("`{protocol}`")].into_iter().chain(admitted.map(ToOwned::to_owned)).collect()
    });
    vec![Table { name: "admits", rows: rows.collect() }]
}
