//! The steps of a plan and what leads from one to the next.

use std::collections::BTreeSet;

use model::Digit;

use crate::document::Part;
use crate::lab::LabStep;
use crate::names::StepName;
use crate::plan::{Choice, Keys, Nobody, Plan, SayStep, Step};

/// What makes a caller go from one step to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Nothing she does.
    Silence,
    /// A key.
    Key,
    /// A key while she waits for an advocate.
    WaitingKey,
    /// Nobody is on shift.
    Nobody,
}

/// One way from a step to another.
#[derive(Clone, Debug)]
pub(super) struct Edge<'a> {
    pub(super) from: &'a StepName,
    pub(super) to: &'a StepName,
    pub(super) by: By,
    /// The part of `from` that names `to`.
    pub(super) part: Part,
}

/// All ways of a plan.
pub(super) struct Graph<'a> {
    plan: &'a Plan,
}

impl<'a> Graph<'a> {
    pub(super) fn of(plan: &'a Plan) -> Self {
        Self { plan }
    }

    /// The ways out of a step.
    pub(super) fn out(&self, from: &'a StepName) -> Vec<Edge<'a>> {
        let edge = |to, by, part| Edge { from, to, by, part };
        let by_keys = |keys: &'a Keys, by| {
            let edge = move |(digit, choice): (&Digit, &'a Choice)| {
                edge(choice.go(), by, Part::Key(*digit))
            };
            keys.iter().map(edge).collect::<Vec<_>>()
        };
        match self.plan.known(from) {
            Step::Say(SayStep { keys, then, .. }) | Step::Lab(LabStep { keys, then, .. }) => {
                let mut edges = by_keys(keys, By::Key);
                edges.push(edge(then, By::Silence, Part::Then));
                edges
            }
            Step::Queue(queue) => {
                let mut edges = by_keys(&queue.waiting.keys, By::WaitingKey);
                if let Nobody::Go(go) = &queue.nobody {
                    edges.push(edge(go, By::Nobody, Part::NobodyOnShift));
                }
                edges
            }
            Step::Divert(divert) => vec![edge(&divert.failed, By::Silence, Part::Failed)],
            Step::When(when) => {
                let is = when.is.iter();
                let mut edges: Vec<Edge<'a>> =
                    is.map(|(value, to)| edge(to, By::Silence, Part::Is(value.clone()))).collect();
                edges.push(edge(&when.otherwise, By::Silence, Part::Otherwise));
                edges
            }
            Step::End(_) => Vec::new(),
        }
    }

    /// The steps a walk from `roots` comes to, over the edges that `walks` allows.
    pub(super) fn reached(
        &self,
        roots: impl IntoIterator<Item = &'a StepName>,
        walks: impl Fn(&Edge<'_>) -> bool,
    ) -> BTreeSet<&'a StepName> {
        let mut open: Vec<&StepName> = roots.into_iter().collect();
        let mut reached = BTreeSet::new();
        while let Some(step) = open.pop() {
            if reached.insert(step) {
                let edges = self.out(step).into_iter().filter(&walks);
                open.extend(edges.map(|edge| edge.to));
            }
        }
        reached
    }

    /// Every step of the plan.
    pub(super) fn steps(&self) -> impl Iterator<Item = &'a StepName> + use<'a> {
        self.plan.steps.keys()
    }

    /// The steps so that none comes before one that leads to it, but by a waiting caller's key.
    pub(super) fn in_order(&self) -> Vec<&'a StepName> {
        self.walk().0
    }

    /// Edges that close a circle without a waiting caller's key, with the steps of the circle.
    pub(super) fn circles(&self) -> Vec<(Edge<'a>, Vec<&'a StepName>)> {
        self.walk().1
    }

    /// A depth-first walk over all steps, with its own stack: a plan may be deep.
    fn walk(&self) -> (Vec<&'a StepName>, Vec<(Edge<'a>, Vec<&'a StepName>)>) {
        let forward = |step| {
            let mut edges = self.out(step);
            edges.retain(|edge| edge.by != By::WaitingKey);
            edges
        };
        let (mut left, mut circles) = (Vec::new(), Vec::new());
        let (mut seen, mut done) = (BTreeSet::new(), BTreeSet::new());
        for root in self.steps() {
            if !seen.insert(root) {
                continue;
            }
            let mut path = vec![(root, forward(root))];
            while let Some((step, edges)) = path.last_mut() {
                let Some(edge) = edges.pop() else {
                    done.insert(*step);
                    left.push(*step);
                    path.pop();
                    continue;
                };
                if seen.contains(edge.to) && !done.contains(edge.to) {
                    let circle = path.iter().map(|(step, _)| *step);
                    let circle = circle.skip_while(|step| *step != edge.to).collect();
                    circles.push((edge, circle));
                } else if seen.insert(edge.to) {
                    path.push((edge.to, forward(edge.to)));
                }
            }
        }
        left.reverse();
        (left, circles)
    }
}
