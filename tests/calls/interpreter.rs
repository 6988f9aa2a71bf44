//! An interpreter is asked for, sought, joins, is lost and replaced; nobody leaves meanwhile.

use std::time::Duration;

use model::EndReason;
use switchboard::{Act, InterpreterWaits, Mode, Notice, Outcome};
use testkit::{Advocate, Caller, Hotline, Party, Vendor};

struct Scene {
    hotline: Hotline,
    caller: Caller,
    alice: Advocate,
    first: Vendor,
    second: Vendor,
}

/// Caller and alice talk, and alice has asked for `language`.
fn asked_for(language: &str) -> Scene {
    let hotline = Hotline::simulated();
    let (caller, alice) = (hotline.caller(), hotline.advocate("alice"));
    let (first, second) = (hotline.vendor("vendor-a"), hotline.vendor("vendor-b"));
    alice.is_ready();
    caller.dials_in();
    alice.answers();
    hotline.pass(Duration::from_secs(5));
    alice.presses(&hotline.code_for(language));
    Scene { hotline, caller, alice, first, second }
}

/// What goes wrong at the first vendor, and how.
type Fault<'a> = (&'a str, &'a dyn Fn(&Scene));

fn interpreted(language: &str) -> Scene {
    let scene = asked_for(language);
    scene.first.brings_interpreter();
    scene.hotline.pass(Duration::from_secs(10));
    scene
}

#[test]
fn a03_caller_and_advocate_keep_talking_while_an_interpreter_is_sought() {
    let Scene { caller, alice, first, .. } = asked_for("vi");
    alice.hears("language-vi");
    alice.hears("adv-calling-interpreter");
    caller.hears("interpreter-search");
    first.answers();
    caller.hears_exactly(&[&alice]);
    alice.hears_exactly(&[&caller, &first]);
    assert!(!caller.hears_music());
}

#[test]
fn i10_the_vendors_menu_and_the_account_never_reach_the_caller() {
    let Scene { hotline, caller, alice, first, .. } = asked_for("vi");
    first.answers();
    first.speaks(Duration::from_secs(3));
    hotline.pass(Duration::from_secs(4));
    assert_eq!(first.was_sent(), "4711#");
    caller.hears_exactly(&[&alice]);
    first.hears_exactly(&[]);
}

#[test]
fn a_vendor_that_takes_digits_by_info_gets_them_so() {
    let Scene { hotline, alice, first, caller, .. } = asked_for("vi");
    first.answers_taking_info();
    first.speaks(Duration::from_secs(3));
    hotline.pass(Duration::from_secs(1));
    assert_eq!(first.was_sent(), "4711#");
    caller.hears_exactly(&[&alice]);
}

#[test]
fn c22_the_caller_is_told_before_the_interpreter_hears_her() {
    let Scene { hotline, caller, alice, first, .. } = asked_for("es");
    first.brings_interpreter();
    caller.hears("es/interpreter-joining");
    caller.hears_exactly(&[&alice, &first]);
    first.hears_exactly(&[&alice]);
    hotline.pass(Duration::from_secs(3));
    first.hears_exactly(&[&caller, &alice]);
    assert!(hotline.noticed(|notice| matches!(notice, Notice::InterpreterJoined { .. })));
}

#[test]
fn c22_without_words_in_her_language_the_advocate_opens_the_way() {
    let Scene { hotline, caller, alice, first, .. } = interpreted("mam");
    caller.hears("signals/coming");
    alice.hears("adv-open-way");
    first.hears_exactly(&[&alice]);
    hotline.pass(Duration::from_secs(60));
    first.hears_exactly(&[&alice]);
    alice.presses("*1");
    alice.hears("adv-way-open");
    first.hears_exactly(&[&caller, &alice]);
    caller.hears_exactly(&[&alice, &first]);
    alice.hears_exactly(&[&caller, &first]);
}

#[test]
fn i02_the_next_route_starts_within_five_seconds_of_any_failure() {
    let faults: [Fault<'_>; 6] = [
        ("busy", &|s| s.first.refuses(EndReason::Busy)),
        ("no answer", &|s| s.hotline.pass(Duration::from_secs(31))),
        ("failed", &|s| s.first.refuses(EndReason::Failed)),
        ("a menu that says nothing", &|s| {
            s.first.answers();
            s.hotline.pass(Duration::from_secs(11));
        }),
        ("a line that dies in the menu", &|s| {
            s.first.answers();
            s.first.hangs_up();
        }),
        ("a minute on hold", &|s| {
            s.first.answers();
            s.first.speaks(Duration::from_secs(3));
            s.hotline.pass(Duration::from_secs(64));
        }),
    ];
    for (fault, happens) in faults {
        let scene = asked_for("vi");
        scene.first.is_dialled();
        happens(&scene);
        scene.hotline.pass(Duration::from_secs(5));
        assert!(scene.second.leg().is_some(), "after {fault}");
        assert!(scene.first.leg().is_none(), "after {fault}");
        scene.caller.hears_exactly(&[&scene.alice]);
    }
}

#[test]
fn i12_an_advocate_knows_at_once_that_nobody_is_left() {
    let Scene { hotline, caller, alice, first, second } = asked_for("vi");
    first.refuses(EndReason::Busy);
    second.refuses(EndReason::Busy);
    alice.hears("adv-no-more-routes");
    caller.hears("interpreter-none");
    caller.hears_exactly(&[&alice]);
    assert!(hotline.noticed(|notice| matches!(notice, Notice::NoInterpreter { .. })));
    alice.presses(&hotline.code_for("vi"));
    first.is_dialled();
}

#[test]
fn i03_a_lost_interpreter_is_announced_and_replaced_and_nobody_else_leaves() {
    let Scene { hotline, caller, alice, first, second } = interpreted("es");
    caller.hears_exactly(&[&alice, &first]);
    first.vanishes();
    caller.hears_within("es/interpreter-lost", Duration::from_secs(8));
    alice.hears("adv-interpreter-lost");
    caller.hears_exactly(&[&alice]);
    second.brings_interpreter();
    hotline.pass(Duration::from_secs(10));
    caller.hears_exactly(&[&alice, &second]);
    second.hears_exactly(&[&caller, &alice]);
}

#[test]
fn i09_when_the_advocate_is_lost_the_interpreter_is_held_for_the_next_one() {
    let Scene { hotline, caller, alice, first, .. } = interpreted("es");
    let bruna = hotline.advocate("bruna");
    alice.vanishes();
    hotline.pass(Duration::from_secs(2));
    caller.hears_exactly(&[]);
    first.hears_exactly(&[]);
    first.hears("int-advocate-lost");
    hotline.pass(Duration::from_secs(25));
    bruna.is_ready();
    bruna.answers();
    caller.hears_exactly(&[&bruna, &first]);
    first.hears_exactly(&[&caller, &bruna]);
}

#[test]
fn i09_an_interpreter_held_too_long_is_thanked_and_released() {
    let Scene { hotline, caller, alice, first, .. } = interpreted("es");
    alice.vanishes();
    first.hears("int-advocate-lost");
    hotline.pass(Duration::from_secs(95));
    assert!(first.leg().is_none());
    assert!(caller.is_connected());
}

#[test]
fn i01_the_caller_is_told_in_a_pause_and_the_message_stops_when_anyone_speaks() {
    let Scene { hotline, caller, alice, first, .. } = asked_for("es");
    first.answers();
    hotline.pass(Duration::from_secs(1));
    first.speaks(Duration::from_secs(3));
    let told = |caller: &Caller| {
        let heard = caller.has_heard();
        heard.iter().filter(|name| *name == "es/interpreter-still-searching").count()
    };
    for _ in 0..12 {
        alice.speaks(Duration::from_millis(1800));
        hotline.pass(Duration::from_millis(200));
    }
    assert_eq!(told(&caller), 0, "nobody is interrupted");
    hotline.pass(Duration::from_secs(4));
    assert_eq!(told(&caller), 1, "told in the pause");
}

#[test]
fn i08_a_vendors_line_shows_nothing_about_the_call() {
    let Scene { first, .. } = asked_for("vi");
    first.is_dialled();
    assert_eq!(first.sees(), "");
}

#[test]
fn a_simultaneous_interpreter_is_chosen_and_lowers_caller_and_advocate_for_each_other() {
    let Scene { caller, alice, first, .. } = interpreted("es");
    let lowered = || [caller.hears_under(&alice, &first), alice.hears_under(&caller, &first)];
    assert_eq!(lowered(), [false, false], "on the telephone one speaks after the other");
    alice.presses("*2");
    alice.hears("adv-simultaneous");
    assert_eq!(lowered(), [true, true]);
    assert!(!first.hears_under(&caller, &first) && !first.hears_under(&alice, &first));
    assert!(!caller.hears_under(&first, &first));
    alice.presses("*2");
    alice.hears("adv-consecutive");
    assert_eq!(lowered(), [false, false]);
    assert_eq!(alice.does(Act::Mode(Mode::Simultaneous)), Outcome::Done);
    assert_eq!(alice.does(Act::Mode(Mode::Simultaneous)), Outcome::Already);
    assert_eq!(lowered(), [true, true]);
}

#[test]
fn who_replaces_a_simultaneous_interpreter_speaks_so_too_and_a_vendors_menu_lowers_nobody() {
    let Scene { hotline, caller, alice, first, second } = interpreted("es");
    alice.presses("*2");
    first.vanishes();
    hotline.pass(Duration::from_secs(8));
    second.is_dialled();
    second.answers();
    caller.hears_exactly(&[&alice]);
    assert!(!caller.hears_under(&alice, &second), "a menu speaks");
    second.brings_interpreter();
    hotline.pass(Duration::from_secs(10));
    assert!(caller.hears_under(&alice, &second));
}

#[test]
fn without_an_interpreter_there_is_no_mode_to_choose() {
    let hotline = Hotline::simulated();
    let (caller, alice) = (hotline.caller(), hotline.advocate("alice"));
    alice.is_ready();
    caller.dials_in();
    alice.answers();
    alice.presses("*2");
    alice.hears("adv-not-now");
    assert_eq!(alice.does(Act::Mode(Mode::Simultaneous)), Outcome::NotNow);
}

#[test]
fn an_auditor_can_tell_who_could_hear_whom_at_any_moment() {
    let Scene { hotline, caller, alice, first, .. } = asked_for("es");
    first.brings_interpreter();
    caller.hears("es/interpreter-joining");
    hotline.pass(Duration::from_secs(3));
    alice.presses("*4");
    hotline.pass(Duration::from_secs(3));
    alice.presses("*4");
    hotline.pass(Duration::from_secs(3));
    first.hangs_up();
    alice.hangs_up();
    hotline.pass(Duration::from_secs(30));
    let two = "caller<advocate advocate<caller";
    let line = "caller<advocate advocate<caller advocate<interpreter";
    let announced = "caller<advocate caller<interpreter advocate<caller advocate<interpreter interpreter<advocate";
    let three = "caller<advocate caller<interpreter advocate<caller advocate<interpreter \
                 interpreter<caller interpreter<advocate";
    let private = "advocate<interpreter interpreter<advocate";
    let states = hotline.audiences();
    // The second vendor is dialled at the instant at which the first one's line ends.
    assert_eq!(states, [two, line, announced, three, private, three, two, line, ""]);
}

#[test]
fn i01_the_time_from_the_request_to_the_first_interpreter_is_counted_once() {
    let Scene { hotline, caller, alice, first, second } = asked_for("es");
    first.brings_interpreter();
    hotline.pass(Duration::from_secs(10));
    let waits = alice.screen().waits;
    assert_eq!((waits.joined.iter().sum::<u64>(), waits.not_found), (1, 0));
    assert!(waits.total > Duration::from_secs(8) && waits.total < Duration::from_secs(30));
    alice.presses("*8");
    second.brings_interpreter();
    hotline.pass(Duration::from_secs(10));
    caller.hangs_up();
    assert_eq!(alice.screen().waits, waits, "who replaces another is no first one");
}

#[test]
fn i12_a_search_that_ends_with_nobody_is_counted_and_one_that_is_given_up_is_not() {
    let Scene { hotline, alice, first, second, .. } = asked_for("es");
    first.is_dialled();
    alice.presses("*7");
    assert_eq!(alice.screen().waits, InterpreterWaits::default());
    alice.presses(&hotline.code_for("es"));
    first.refuses(EndReason::Busy);
    second.refuses(EndReason::Busy);
    hotline.pass(Duration::from_secs(5));
    let waits = alice.screen().waits;
    assert_eq!((waits.joined.iter().sum::<u64>(), waits.not_found), (0, 1));
}
