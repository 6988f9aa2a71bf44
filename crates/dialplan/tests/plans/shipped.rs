//! What Northline ships: the hotline's plan, the language reference, and the sketch they came from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dialplan::{Facts, Line, Plan, Step, StepName, Utterance, load};
use model::{Language, PromptName};

use crate::caller::{HOTLINE, plan};
use crate::facts::facts;

const README: &str = include_str!("../../../../dialplans/README.md");

/// The sketch of the design in the language's final words; choosing among many languages by voice
/// and holding a place are not in the language yet.
const SKETCH: &str = "\
plan: hotline
languages: [en, es]
start: greeting

steps:
  greeting:
    play: [welcome, es/espanol-oprima-dos, interpreter-press-three]
    keys:
      2: { language: es, go: wait }
      3: { interpreter: yes, go: wait }
    then: wait

  wait:
    queue: crisis
    waiting:
      music: calm
      every: { 25s: [still-with-you, position] }
    nobody-on-shift: backup-centre

  backup-centre:
    divert: backup
    failed: stay

  stay:
    play: nobody-now
    queue: crisis
    when-empty: keep
";

#[test]
fn the_sketch_of_the_design_is_sound_in_its_final_words() {
    assert_eq!(
        plan(SKETCH, &facts()).starts().map(StepName::as_str).collect::<Vec<_>>(),
        ["greeting"]
    );
}

#[test]
fn o01_the_shipped_plan_is_sound_with_the_prompts_as_recorded() {
    for line in [Line::Set, Line::Unset] {
        let mut facts = recorded();
        facts.diversions.insert("backup".into(), line);
        let plan = plan(HOTLINE, &facts);
        assert_eq!(plan.languages(), [Language::ENGLISH, Language::SPANISH]);
    }
}

#[test]
fn every_example_of_the_reference_is_sound() {
    let examples: Vec<&str> =
        README.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() >= 7);
    for example in examples {
        plan(&whole_plan(example), &facts());
    }
}

#[test]
fn the_reference_explains_every_word_of_the_language() {
    // A word that means nothing is answered with the words that do.
    let strange = "unheard-of-word: 1";
    let mut texts = vec![strange.to_owned()];
    for step in ["play: a", "queue: a", "queue: a\n    waiting:\n      music: a", "divert: a"] {
        texts.push(format!("steps:\n  a:\n    {step}\n    {strange}\n"));
    }
    for word in ["echo", "room", "ring", "early", "pause"] {
        texts.push(format!("steps:\n  a:\n    {word}: 1s\n    {strange}\n"));
    }
    for nested in ["queue: a\n    waiting:", "play: a\n    keys:\n     1:", "when: a", "end: a"] {
        texts.push(format!("steps:\n  a:\n    {nested}\n      {strange}\n"));
        texts.push(format!("steps:\n  a:\n    {nested}\n    {strange}\n"));
    }
    let mut words = BTreeSet::new();
    for text in texts {
        let problems = load("plan.yaml", &text, &facts()).expect_err("a strange word");
        for problem in problems.iter().filter(|said| said.message.contains("unheard-of-word")) {
            words.extend(problem.help.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    assert!(words.len() >= 30, "{words:?}");
    for word in words {
        let explained = [format!("`{word}`"), format!("{word}:")];
        assert!(explained.iter().any(|form| README.contains(form)), "{word}");
    }
}

#[test]
fn c09_no_prompt_before_a_person_asks_anything() {
    for (prompt, text) in scripts(&plan(HOTLINE, &facts()), |_| true) {
        let lower = text.to_lowercase();
        let asks = ["?", "your name", "su nombre", "how old", "edad", "where are you", "reason"];
        assert!(!asks.iter().any(|word| lower.contains(word)), "{prompt}: {text}");
    }
}

#[test]
fn c16_the_greeting_says_nothing_of_trafficking_crisis_or_police() {
    let greeting = |step: &Step| matches!(step, Step::Say(_));
    let texts = scripts(&plan(HOTLINE, &facts()), greeting);
    assert!(texts.len() >= 5);
    let telling = ["traffick", "trata", "crisis", "police", "polic", "abuse", "abuso", "victim"];
    for (prompt, text) in texts {
        let lower = text.to_lowercase();
        assert!(!telling.iter().any(|word| lower.contains(word)), "{prompt}: {text}");
    }
}

#[test]
fn c17_no_prompt_tells_the_caller_to_hang_up() {
    for (prompt, text) in scripts(&plan(HOTLINE, &facts()), |_| true) {
        let lower = text.to_lowercase();
        assert!(!["hang up", "cuelgue"].iter().any(|word| lower.contains(word)), "{prompt}");
    }
}

/// An example as a plan of its own: what it leaves out stands around it.
fn whole_plan(example: &str) -> String {
    if example.starts_with("plan:") {
        return example.to_owned();
    }
    let (top, steps) = match example.split_once("steps:\n") {
        Some((top, steps)) => (top, steps),
        None => ("", example),
    };
    let start = steps.trim_start().split(':').next().unwrap_or_default();
    let mut whole =
        format!("plan: example\nlanguages: [es, en]\nstart: {start}\n{top}steps:\n{steps}");
    for (name, step) in AROUND {
        if whole.contains(&format!(": {name}")) && !whole.contains(&format!("\n  {name}:")) {
            whole += step;
        }
    }
    whole
}

/// Steps that examples lead to without showing them.
const AROUND: [(&str, &str); 2] = [
    (
        "wait",
        "  wait:\n    queue: crisis\n    waiting:\n      music: calm\n      \
         every: { 25s: still-with-you }\n    nobody-on-shift: stay\n",
    ),
    ("stay", "  stay:\n    play: nobody-now\n    queue: crisis\n    when-empty: keep\n"),
];

/// The script of every prompt that the steps of a kind say, in all languages of the plan.
fn scripts(plan: &Plan, kind: impl Fn(&Step) -> bool) -> Vec<(String, String)> {
    let mut scripts = Vec::new();
    for (_, step) in plan.steps().filter(|(_, step)| kind(step)) {
        let waiting = match step {
            Step::Queue(queue) => queue.waiting.messages.as_slice(),
            _ => &[],
        };
        for utterance in step.play().iter().chain(waiting) {
            let (languages, name) = match utterance {
                Utterance::Prompt(name) => (plan.languages().to_vec(), name),
                Utterance::Fixed(language, name) => (vec![*language], name),
                Utterance::Position => continue,
            };
            scripts.extend(languages.iter().map(|language| {
                let file = prompts().join(format!("{language}/{name}.txt"));
                let text =
                    fs::read_to_string(&file).expect("every prompt has its script beside it");
                (format!("{language}/{name}"), text)
            }));
        }
    }
    scripts
}

/// The prompts of this repository with the lengths of their recordings.
fn recorded() -> Facts {
    let mut recorded = BTreeMap::new();
    for language in [Language::ENGLISH, Language::SPANISH] {
        let folder = fs::read_dir(prompts().join(language.as_str())).expect("a folder of prompts");
        for file in folder.map(|entry| entry.expect("a file").path()) {
            if file.extension().is_some_and(|ending| ending == "wav") {
                let name = file.file_stem().and_then(|stem| stem.to_str()).expect("a name");
                recorded.insert((language, PromptName::from(name)), length(&file));
            }
        }
    }
    Facts { prompts: recorded, ..facts() }
}

/// The length of a recording, from its header and size.
fn length(file: &Path) -> Duration {
    let header = fs::read(file).expect("a recording");
    let bytes_per_second = header[28..32].try_into().map(u32::from_le_bytes).expect("four bytes");
    Duration::from_secs_f64(header.len() as f64 / f64::from(bytes_per_second))
}

fn prompts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../prompts")
}
