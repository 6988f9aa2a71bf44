//! Random inputs in any order and at any time.

use interpreting::{Catalogue, Input, Output, VendorRoute};
use model::{EndReason, VendorId};
use proptest::prelude::*;

use crate::vendor::{A, B, Call, with_menu};

fn input() -> impl Strategy<Value = Option<Input>> {
    prop_oneof![
        3 => Just(Some(Input::Answered)),
        1 => Just(Some(Input::Failed(EndReason::Busy))),
        4 => any::<bool>().prop_map(|speaking| Some(Input::Speech { speaking })),
        2 => Just(Some(Input::DigitsSent)),
        1 => Just(Some(Input::LegLost)),
        1 => Just(Some(Input::NextRoute)),
        1 => Just(Some(Input::PersonHere)),
        1 => Just(Some(Input::Cancel)),
        1 => Just(Some(Input::Replace)),
        2 => Just(Some(Input::Again)),
        1 => Just(Some(Input::Timeout)),
        6 => Just(None),
    ]
}

/// Whether a vendor leg is up, as its owner sees it.
fn legs_after(mut up: bool, gone: bool, said: &[Output]) -> bool {
    if gone {
        up = false;
    }
    for output in said {
        match output {
            Output::Dial { .. } => {
                assert!(!up, "two vendor legs at once");
                up = true;
            }
            Output::Release => {
                assert!(up, "a leg released twice");
                up = false;
            }
            Output::NoRoute | Output::Exhausted => assert!(!up, "over with a leg up"),
            _ => {}
        }
    }
    up
}

proptest! {
    #[test]
    fn at_most_one_vendor_leg_and_always_a_deadline(
        script in prop::collection::vec((input(), 0..20_000_u64), 1..60)
    ) {
        let third = VendorRoute { order: 3, ..with_menu(VendorId(2)) };
        let mut call = Call::new("am", vec![with_menu(A), VendorRoute::new(B), third]);
        let mut up = legs_after(false, false, &call.said());
        for (input, millis) in script {
            let gone = matches!(input, Some(Input::Failed(_) | Input::LegLost));
            match input {
                Some(input) => call.input(input),
                None => call.passes_millis(millis),
            };
            up = legs_after(up, gone, &call.said());
            prop_assert_eq!(up, call.search.vendor().is_some());
            let waits = up && !call.search.is_joined();
            prop_assert_eq!(waits, call.search.deadline().is_some());
        }
    }

    #[test]
    fn a_search_left_alone_ends_within_its_limits(answered in any::<bool>()) {
        let mut call = Call::amharic();
        if answered {
            call.input(Input::Answered);
        }
        call.passes(3 * 120);
        let said = call.said();
        prop_assert_eq!(said.last(), Some(&Output::Exhausted));
    }
}

#[test]
fn any_text_finds_something_or_nothing_without_harm() {
    let catalogue = Catalogue::embedded();
    let config = ProptestConfig::with_cases(64);
    proptest!(config, |(text in "\\PC{0,40}")| {
        prop_assert!(catalogue.find(&text).len() <= catalogue.entries().len());
    });
}
