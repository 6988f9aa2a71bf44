//! The ways into a call that several tests share.

use std::time::Duration;

use testkit::wire::{Climate, Hotline, Party};

/// A hotline with a caller, an advocate who is ready, and both vendors.
pub(crate) struct Scene {
    pub(crate) hotline: Hotline,
    pub(crate) caller: Party,
    pub(crate) alice: Party,
    pub(crate) first: Party,
    pub(crate) second: Party,
}

impl Scene {
    /// Everybody is there, and nobody has done anything.
    pub(crate) fn of(hotline: Hotline) -> Self {
        Self {
            caller: hotline.caller(),
            alice: hotline.staff("alice"),
            first: hotline.staff("vendor-a"),
            second: hotline.staff("vendor-b"),
            hotline,
        }
    }
}

/// Alice is ready and the caller has not dialled yet.
pub(crate) fn ready(seed: u64, climate: Climate) -> Scene {
    let scene = Scene::of(Hotline::in_climate(seed, climate));
    scene.alice.is_ready();
    scene
}

/// Caller and alice talk.
pub(crate) fn talking() -> Scene {
    let scene = ready(1, Climate::FAIR);
    scene.caller.dials_in();
    scene.alice.answers();
    scene.hotline.pass(Duration::from_secs(3));
    scene
}

/// An interpreter for Spanish has joined them.
pub(crate) fn interpreted() -> Scene {
    let scene = talking();
    scene.alice.presses(&scene.hotline.code_for("es"));
    scene.first.brings_interpreter();
    scene.hotline.pass(Duration::from_secs(5));
    scene
}
