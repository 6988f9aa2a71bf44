//! Who hears whom, measured from what the phones received.

use super::listening::{self, PRESENT};
use super::party::Party;
use super::sound::Sound;
use super::wrong::Wrong;
use crate::phone::{Call, Spoken};

/// What one party said, and when.
pub(super) struct Said {
    pub(super) sound: Sound,
    pub(super) spoken: Spoken,
}

/// By listener and speaker, each in the order of [`Party::ALL`]: the share of what the one said
/// that the other heard.
pub(super) struct Grid([[f32; 3]; 3]);

impl Grid {
    /// Compares what each of `calls` heard with what each party said.
    pub(super) async fn measure(calls: [&Call; 3], said: &[Said; 3]) -> Self {
        let mut shares = [[0.0; 3]; 3];
        for (speaker, Said { sound, spoken }) in said.iter().enumerate() {
            let [one, other, third] = calls.map(|call| listening::share(call, sound, *spoken));
            let column: [f32; 3] = tokio::join!(one, other, third).into();
            for (row, share) in shares.iter_mut().zip(column) {
                row[speaker] = share;
            }
        }
        Self(shares)
    }

    /// The columns' names.
    pub(super) fn header() -> String {
        let names = Party::ALL.map(|party| format!("{:>15}", party.name()));
        format!("{:<18}{}", "who hears whom", names.concat())
    }

    /// One line for each listener.
    pub(super) fn rows(&self) -> [String; 3] {
        std::array::from_fn(|listener| {
            let cells = self.0[listener].map(|share| {
                let hears = if share >= PRESENT { "yes" } else { "no" };
                format!("{hears:>10} {share:4.2}")
            });
            format!("{:<18}{}", format!("{} hears", Party::ALL[listener].name()), cells.concat())
        })
    }

    /// Everyone must hear exactly the other two.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        for (listener, row) in Party::ALL.into_iter().zip(self.0) {
            for (speaker, share) in Party::ALL.into_iter().zip(row) {
                match (listener == speaker, share >= PRESENT) {
                    (true, true) => return Err(Wrong::Echo(speaker)),
                    (false, false) => return Err(Wrong::Deaf { listener, speaker }),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_hears_exactly_the_other_two() {
        let right = [[0.0, 0.9, 0.5], [0.4, 0.05, 1.0], [0.9, 0.8, 0.0]];
        assert_eq!(Grid(right).check(), Ok(()));
        let mut echo = right;
        echo[1][1] = 0.3;
        assert_eq!(Grid(echo).check(), Err(Wrong::Echo(Party::Advocate)));
        let mut deaf = right;
        deaf[0][2] = 0.1;
        let (listener, speaker) = (Party::Caller, Party::Interpreter);
        assert_eq!(Grid(deaf).check(), Err(Wrong::Deaf { listener, speaker }));
    }

    #[test]
    fn rows_stand_under_their_columns() {
        let rows = Grid([[0.0, 0.9, 0.5]; 3]).rows();
        assert_eq!(rows[0], "caller hears              no 0.00       yes 0.90       yes 0.50");
        assert_eq!(Grid::header().len(), rows[0].len());
    }
}
