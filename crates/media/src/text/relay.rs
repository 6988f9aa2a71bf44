//! Who reads whom: those who may hear each other, at the moment the text comes.

use model::{Instant, LegId, MediaEvent, RoomId};

use crate::events::Events;
use crate::legs::Legs;
use crate::room::Form;

/// Shows what the party on `seat` wrote to everyone who may hear it, and reports it.
pub(crate) fn relay(
    now: Instant,
    seat: usize,
    form: Option<&Form>,
    legs: &mut Legs,
    events: &mut Events,
) {
    while let Some((leg, written)) = legs.get_mut(seat).and_then(|leg| {
        let written = leg.text.as_mut()?.take_written();
        (!written.is_empty()).then_some((leg.id(), written))
    }) {
        show(now, seat, written.reveal(), form, legs);
        events.media(MediaEvent::Text { leg, text: written });
    }
    wake(seat, form, legs);
}

/// The line on `seat` may want something else now. A shared room asks its legs with every frame.
pub(crate) fn wake(seat: usize, form: Option<&Form>, legs: &mut Legs) {
    if !matches!(form, Some(Form::Shared(_))) {
        legs.wake(seat);
    }
}

/// Shows `text` of the party on `seat` to everyone who may hear it.
pub(crate) fn show(now: Instant, seat: usize, text: &str, form: Option<&Form>, legs: &mut Legs) {
    let Some(leg) = legs.get(seat) else { return };
    let author = (leg.id(), leg.author);
    match form {
        Some(Form::Pairs(pairs)) => {
            for listener in pairs.hearing(seat).filter_map(|place| pairs.listener_at(place)) {
                show_to(now, listener, author, text, legs);
                legs.wake(listener);
            }
        }
        Some(Form::Shared(shared)) => {
            let mut next = shared.first();
            while let Some((listener, leg)) = next.and_then(|seat| Some((seat, legs.get(seat)?))) {
                next = leg.next_member;
                if shared.hears(leg.id(), author.0) {
                    show_to(now, listener, author, text, legs);
                }
            }
        }
        None => {}
    }
}

/// Another matrix follows: what came up to now is shown by the one in force. O(all seats).
pub(crate) fn cut(
    now: Instant,
    room: RoomId,
    form: Option<&Form>,
    legs: &mut Legs,
    events: &mut Events,
) {
    for seat in 0..legs.seats() {
        let leg = legs.get_mut(seat).filter(|leg| leg.room() == room);
        if let Some(line) = leg.and_then(|leg| leg.text.as_mut()) {
            line.cut(now);
            relay(now, seat, form, legs, events);
        }
    }
}

fn show_to(
    now: Instant,
    listener: usize,
    author: (LegId, model::Party),
    text: &str,
    legs: &mut Legs,
) {
    if let Some(line) = legs.get_mut(listener).and_then(|leg| leg.text.as_mut()) {
        line.show(now, author, text);
    }
}
