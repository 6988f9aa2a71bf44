//! The README's commands that need no running engine, and what the README says they print.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn northline(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_northline"));
    command.args(words).current_dir(root()).output().expect("the binary runs")
}

fn printed(words: &[&str]) -> String {
    let output = northline(words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("there is a README")
}

/// The text of the fenced blocks that begin with ` ```language `.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fences = text.split("```").skip(1).step_by(2);
    let begin = format!("{language}\n");
    fences.filter_map(|block| block.strip_prefix(&begin)).map(str::to_owned).collect()
}

#[test]
fn the_shipped_plan_is_right() {
    assert!(printed(&["check", "dialplans/hotline.yaml"]).contains("every path leads to a person"));
}

#[test]
fn the_shipped_plan_to_measure_by_is_right_and_for_nobody_else() {
    let said = printed(&["check", "dialplans/lab.yaml"]);
    assert!(said.contains("to measure by, for `northline run --lab` only"), "{said}");
    let looked = northline(&["doctor", "--lab"]);
    let said = String::from_utf8_lossy(&looked.stdout);
    assert!(said.contains("lab: for measuring"), "{said}");
    assert!(said.contains("plans: 2 right") && !said.contains("nobody can"), "{said}");
}

#[test]
fn a_range_of_media_ports_is_one() {
    for wrong in ["5", "9-8", "20000-20000", "80-90", "x-y"] {
        let output = northline(&["run", "--lab", "--rtp-ports", wrong]);
        assert!(!output.status.success(), "{wrong}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("as in 20000-29999"), "{wrong}");
    }
    assert!(!northline(&["run", "--lab", "--demo"]).status.success());
}

#[test]
fn the_readmes_slip_of_the_finger_gives_the_readmes_message() {
    let readme = readme();
    let slip = blocks(&readme, "yaml").remove(0);
    let wrong = slip.lines().find(|line| line.contains("wiat")).expect("the slip");
    let right = wrong.replace("wiat", "wait");
    let plan = std::fs::read_to_string(root().join("dialplans/hotline.yaml")).expect("the plan");
    assert!(plan.contains(&slip.replace("wiat", "wait")), "the README shows the shipped plan");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("hotline.yaml");
    std::fs::write(&file, plan.replacen(&right, wrong, 1)).expect("written");
    let file = file.display().to_string();
    let output = northline(&["check", &file]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).replace(&file, "hotline.yaml");
    let shown = blocks(&readme, "").into_iter().find(|block| block.starts_with("hotline.yaml:"));
    let shown = shown.expect("the README shows the message");
    assert!(said.contains(&shown), "the engine says:\n{said}\nthe README shows:\n{shown}");
}

#[test]
fn languages_are_found_and_printed() {
    assert!(printed(&["languages", "farsi"]).lines().next().expect("a line").contains("Persian"));
    let card = printed(&["languages", "--card"]);
    assert!(card.contains("103") && card.contains("Vietnamese") && card.contains("Tiếng Việt"));
    assert!(printed(&["languages", "qqqqqqqq"]).starts_with("No language"));
}

#[test]
fn the_advocates_card_has_every_code_on_one_page() {
    let card = printed(&["advocate-card"]);
    for code in ["*0", "*1", "*2", "*3", "*4", "*5", "*6", "*7", "*8", "*9", "**", "*#"] {
        assert!(card.contains(code), "{code}");
    }
    assert!(card.lines().count() <= 60 && card.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn the_api_is_described() {
    let described = printed(&["openapi"]);
    assert!(described.contains("/v1/acts/{act}") && described.contains("\"openapi\""));
}

#[test]
fn tokens_pass_no_network_in_the_clear() {
    let output = northline(&["run", "--sip", "127.0.0.1:0", "--http", "0.0.0.0:0"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("behind-proxy"));
}

#[test]
fn the_default_configuration_is_printed_and_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("northline.yaml");
    std::fs::write(&file, printed(&["configuration"])).expect("written");
    let file = file.display().to_string();
    printed(&["check", "dialplans/hotline.yaml", "--config", &file]);
}

#[test]
fn a_missing_file_and_a_silent_engine_are_said_plainly() {
    let output = northline(&["check", "no-such-plan.yaml"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-plan.yaml"));
    let output = northline(&["reload", "--control", "/nonexistent/control.sock"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no engine answers"));
}

#[test]
fn every_command_of_the_readme_exists() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).expect("there is a Makefile");
    for line in blocks(&readme(), "sh").iter().flat_map(|block| block.lines()) {
        let line = line.split(['#', '>']).next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["make", target] => assert!(makefile.contains(&format!("\n{target}:")), "{target}"),
            ["northline", command, options @ ..] => {
                let help = printed(&[command, "--help"]);
                for option in options.iter().filter(|word| word.starts_with("--")) {
                    assert!(help.contains(option), "`{option}` of: {line}");
                }
            }
            other => panic!("what runs this? {other:?}"),
        }
    }
}

#[test]
fn every_promise_of_the_readme_has_its_test() {
    let sources = rust_sources(&root().join("tests"));
    let readme = readme();
    let promises = readme.split("## Six promises").nth(1).expect("there are promises");
    let names = promises.lines().take_while(|line| !line.starts_with("## "));
    let names: Vec<_> =
        names.filter_map(|line| line.strip_prefix("| ")?.split('`').nth(1)).collect();
    assert_eq!(names.len(), 6);
    for name in names {
        assert!(sources.contains(&format!("fn {name}()")), "no test is called {name}");
    }
}

fn rust_sources(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries
        .map(|entry| entry.path())
        .map(|path| match path.extension() {
            Some(ending) if ending == "rs" => std::fs::read_to_string(&path).unwrap_or_default(),
            _ => rust_sources(&path),
        })
        .collect()
}
