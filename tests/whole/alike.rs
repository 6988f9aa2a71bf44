//! C10: whoever calls, with whatever caller ID or none, is treated alike.

use std::time::Duration;

use testkit::wire::Climate;

use crate::scenes::{Scene, ready};

type Form = &'static [(&'static str, &'static str)];

const FORMS: [Form; 6] = [
    &[],
    &[("From", "\"A. Caller\" <sip:+15550100@carrier.example;user=phone>")],
    &[("From", "\"Anonymous\" <sip:anonymous@anonymous.invalid>"), ("Privacy", "id")],
    &[
        ("From", "<sip:anonymous@anonymous.invalid>"),
        ("Privacy", "id;critical"),
        ("P-Asserted-Identity", "<tel:+15550100>"),
    ],
    &[("From", "<tel:+15550100>"), ("Remote-Party-ID", "<sip:5550100@carrier.example>")],
    &[("From", "<sip:unavailable@unknown.invalid>"), ("Privacy", "none")],
];

#[test]
fn c10_six_forms_of_caller_id_get_the_same_bytes_at_the_same_instants() {
    let treated = |form: Form| {
        let Scene { hotline, caller, alice, .. } = ready(7, Climate::FAIR);
        caller.is_shown_as(form);
        caller.dials_in();
        hotline.pass(Duration::from_secs(45));
        let ringing = alice.has_call();
        (caller.has_heard(), caller.fingerprint(), ringing)
    };
    let plain = treated(FORMS[0]);
    assert!(plain.0.iter().any(|label| label == "still-with-you"), "{:?}", plain.0);
    for form in FORMS {
        assert_eq!(treated(form), plain, "{form:?}");
    }
}
