//! Compares every `Cargo.toml` with the table of `crates/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::sources::{crate_names, root};

struct Row {
    stratum: String,
    allowed: BTreeSet<String>,
}

fn table() -> BTreeMap<String, Row> {
    let readme = fs::read_to_string(root().join("crates/README.md")).expect("the map exists");
    readme
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [name, stratum, crates, packages] = cells[..] else {
                panic!("the table has four columns: {line}")
            };
            let allowed = format!("{crates} {packages}");
            let allowed = allowed.split_whitespace().filter(|&word| word != "–").map(str::to_owned);
            (
                name.trim_matches('`').to_owned(),
                Row { stratum: stratum.into(), allowed: allowed.collect() },
            )
        })
        .collect()
}

fn dependencies(name: &str) -> Vec<String> {
    let path = root().join("crates").join(name).join("Cargo.toml");
    let manifest: toml::Table =
        fs::read_to_string(path).expect("a crate has a manifest").parse().expect("TOML");
    let table = manifest.get("dependencies").and_then(toml::Value::as_table);
    table.into_iter().flat_map(|table| table.keys().cloned()).collect()
}

#[test]
fn every_crate_has_a_row_and_every_row_a_crate() {
    let rows: Vec<String> = table().into_keys().collect();
    assert_eq!(crate_names(), rows, "crates/README.md lists exactly the crates that exist");
}

#[test]
fn no_crate_uses_what_its_row_does_not_allow() {
    let table = table();
    for name in crate_names() {
        let row = &table[&name];
        for dependency in dependencies(&name) {
            assert!(
                row.allowed.contains(&dependency),
                "{name} depends on {dependency}, which crates/README.md does not allow: \
                 drop it, or change the table and say why"
            );
        }
    }
}

#[test]
fn dependencies_point_to_lower_strata() {
    let table = table();
    for (name, row) in &table {
        for other in row.allowed.iter().filter_map(|other| table.get(other)) {
            let sideways =
                row.stratum == other.stratum && !(row.stratum == "3" || row.stratum == "0");
            assert!(
                row.stratum == "dev" || (other.stratum <= row.stratum && !sideways),
                "{name} looks up or sideways"
            );
        }
    }
}
