//! Every fault an operator can make is answered with its place, what is wrong and how to mend it.

use dialplan::{Look, Problems, load};
use model::Language;

use crate::facts::facts;
use crate::fault_table::{FAULTS, TEXTS};

/// A plan without a fault; each test makes one or more in it.
const SOUND: &str = "\
plan: small
languages: [en, es]
start: greeting
closing: goodbye
variables:
  emergency: [no, yes]
steps:
  greeting:
    play: [welcome, es/espanol-oprima-dos]
    keys:
      2: { language: es, go: wait }
    then: front
  front:
    when: emergency
    is: { yes: away }
    otherwise: wait
  wait:
    queue: crisis
    waiting:
      music: calm
      every: { 25s: [still-with-you, position] }
    nobody-on-shift: stay
  away:
    divert: backup
    failed: wait
  stay:
    play: nobody-now
    queue: crisis
    when-empty: keep
  goodbye:
    end: goodbye
";

/// What is said about `text`: `line:column message | help`, one line per problem.
pub(crate) fn said(text: &str) -> String {
    match load("plan.yaml", text, &facts()) {
        Ok(_) => "sound".to_owned(),
        Err(problems) => lines(&problems),
    }
}

fn lines(problems: &Problems) -> String {
    let line = |problem| {
        let (line, column) = problems.line_and_column(problem);
        format!("{line}:{column} {} | {}", problem.message, problem.help)
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn o1_every_fault_in_a_plan_has_its_place_its_words_and_its_cure() {
    assert_eq!(said(SOUND), "sound");
    for (from, to, expected) in FAULTS {
        assert!(SOUND.contains(from), "{from}");
        let fault = SOUND.replacen(from, to, 1);
        assert_eq!(said(&fault), expected.join("\n"), "{from} → {to}");
    }
}

#[test]
fn a_text_that_is_no_plan_is_answered_and_never_a_panic() {
    for (text, expected) in TEXTS {
        assert_eq!(said(text), expected.join("\n"), "{text:?}");
    }
}

#[test]
fn all_problems_come_at_once_in_the_order_of_the_text() {
    let text = SOUND
        .replace("then: front", "then: frnt")
        .replace("music: calm", "music: clam")
        .replace("failed: wait", "faild: wait");
    let places: Vec<String> =
        said(&text).lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert_eq!(places, ["12:11", "20:14", "23:3", "25:5"]);
}

#[test]
fn a_problem_prints_without_colour_with_its_line_marked() {
    let problems =
        load("plan.yaml", &SOUND.replace("otherwise: wait", "otherwise: wiat"), &facts());
    let printed = problems.as_ref().map(drop).map_err(ToString::to_string);
    let expected = "\
plan.yaml:16:16: there is no step `wiat`
   16 |     otherwise: wiat
      |                ^^^^
   help: did you mean `wait`?
the dialplan has 1 problem";
    assert_eq!(printed, Err(expected.to_owned()));
    let picture = problems.expect_err("a fault").picture(Look::Plain);
    assert!(picture.contains("plan.yaml:16:16") && picture.contains("did you mean `wait`?"));
    assert!(!picture.contains('\u{1b}'), "{picture}");
}

#[test]
fn a_prompt_that_one_language_lacks_is_named_with_its_file() {
    let mut facts = facts();
    facts.prompts.remove(&(Language::SPANISH, "nobody-now".into()));
    facts.prompts.remove(&(Language::SPANISH, "position-4".into()));
    let problems = load("plan.yaml", SOUND, &facts).expect_err("two prompts are missing");
    let expected = "\
21:38 prompt `position-4` is missing in `es` | record `prompts/es/position-4.wav`
27:11 prompt `nobody-now` is missing in `es` | record `prompts/es/nobody-now.wav`";
    assert_eq!(lines(&problems), expected);
}

#[test]
fn a_switch_of_the_configuration_must_be_a_value_of_the_plan() {
    let mut facts = facts();
    facts.switches.insert("emergency".to_owned(), "yse".to_owned());
    let problems = load("plan.yaml", SOUND, &facts).expect_err("no such value");
    let expected = "6:3 the configuration sets `emergency` to `yse` | here it may be `no`, `yes`: \
                    change `switches:` in the configuration, or list the value here";
    assert_eq!(lines(&problems), expected);
}

#[test]
fn bombs_are_refused_in_no_time() {
    let deep = format!("plan: {}", "[".repeat(100_000));
    let wide = format!("plan: [{}]", "a, ".repeat(60_000));
    let laughs = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    let large = "# nothing\n".repeat(30_000);
    for bomb in [deep.as_str(), &wide, laughs, &large] {
        assert_ne!(said(bomb), "sound");
    }
}

#[test]
fn a_plan_of_many_branches_is_proved_in_no_time() {
    let mut text = SOUND.replace("then: front", "then: fork-0");
    for at in 0..300 {
        let next = if at == 299 { "front".to_owned() } else { format!("fork-{}", at + 1) };
        text += &format!(
            "  fork-{at}:\n    when: emergency\n    is: {{ yes: {next} }}\n    otherwise: {next}\n"
        );
    }
    assert_eq!(said(&text), "sound");
}

#[test]
fn the_largest_plan_is_answered_in_no_time() {
    let mut text = SOUND.replace("then: front", "then: s0");
    for at in 0..1_500 {
        text += &format!(
            "  s{at}:\n    play: welcome\n    keys: {{ 1: wait }}\n    then: s{}\n",
            at + 1
        );
    }
    text += "  s1500: { play: welcome, then: front }\n";
    let said = said(&text);
    assert!(said.lines().count() >= 1_500, "{}", &said[..200.min(said.len())]);
}
