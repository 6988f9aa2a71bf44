//! The dialplan: what a caller hears and may press until a person is there.
//!
//! An operator's YAML text becomes a [`Plan`] by [`load`], which returns all [`Problems`] at once,
//! each with its place and how to mend it. Reading is done in three steps: the text becomes a tree
//! with spans (`tree`), the tree a `Document` of what was typed (`reader`), the document a plan
//! whose names all exist (`checker`) and whose every path leads a caller to a person in time
//! (`prover`); the plan of a lab has paths that lead to an end. A [`Runner`] then walks one caller through the plan: [`Input`]s in, [`Output`]s out,
//! time as an argument.
//!
//! This crate opens no file, plays no prompt and keeps no queue: it is told by [`Facts`] which
//! prompts, queues and diversions exist, and it tells the switchboard what to do. The language is
//! described for operators in `dialplans/README.md`.

mod changes;
mod checker;
mod document;
mod facts;
mod lab;
mod load;
mod names;
mod numbers;
mod plan;
mod prover;
mod reader;
mod runner;
mod speech;

pub use changes::Change;
pub use facts::{Facts, Line};
pub use lab::{Deed, LabStep};
pub use load::load;
pub use names::{DiversionName, Extension, QueueName, StepName};
pub use numbers::{Conference, Entry, Numbers};
pub use plan::{
    Choice, DivertStep, Keys, Nobody, Plan, PlanVersion, Purpose, QueueStep, SayStep, Step,
    Subject, SwitchError, Waiting, WhenStep,
};
pub use runner::{Input, Output, Runner, RunnerState, Spoken};
pub use speech::{Speech, Utterance, position_prompt};
pub use yaml::{Look, Problem, Problems, Spot};
