//! What the media of each peer may be, as the operator wants it.

use std::collections::BTreeMap;

use model::{AdvocateId, MediaPolicy, Peer, Target, TextPolicy, Treatment, TrunkId};

use crate::leg::Role;

/// The rules for the media of everybody there is.
#[derive(Clone, Debug)]
pub struct MediaPolicies {
    /// For calls from and through each trunk.
    pub trunks: BTreeMap<TrunkId, MediaPolicy>,
    /// For each advocate's phones.
    pub advocates: BTreeMap<AdvocateId, MediaPolicy>,
    /// For everybody else: a URI dialled without a trunk.
    pub others: MediaPolicy,
}

impl Default for MediaPolicies {
    /// A hotline levels voices: who whispers is heard as well as who shouts.
    fn default() -> Self {
        let others = MediaPolicy { treatment: Treatment::Levelled, ..MediaPolicy::default() };
        Self { trunks: BTreeMap::new(), advocates: BTreeMap::new(), others }
    }
}

impl MediaPolicies {
    /// For a leg that comes in.
    pub(crate) fn of_peer(&self, peer: Peer) -> MediaPolicy {
        match peer {
            Peer::Trunk(trunk) => self.of_trunk(Some(trunk)),
            Peer::Advocate(advocate) => self.of_advocate(advocate),
        }
    }

    /// For a leg that is dialled.
    pub(crate) fn of_dialled(&self, role: Role, target: &Target) -> MediaPolicy {
        match target {
            Target::Number { trunk, .. } => self.of_trunk(Some(*trunk)),
            Target::Uri { trunk, .. } => self.of_trunk(*trunk),
            Target::Contact(_) => self.of_role(role),
        }
    }

    /// For a leg whose way says nothing: an advocate's phone.
    pub(crate) fn of_role(&self, role: Role) -> MediaPolicy {
        match role {
            Role::Advocate(_, advocate) | Role::Supervisor(_, advocate) | Role::Desk(advocate) => {
                self.of_advocate(advocate)
            }
            Role::Caller(_) | Role::Vendor(..) | Role::Diversion(_) => self.others,
        }
    }

    /// What an advocate's phones may have of text.
    pub(crate) fn text_of(&self, advocate: AdvocateId) -> TextPolicy {
        self.of_advocate(advocate).text
    }

    fn of_trunk(&self, trunk: Option<TrunkId>) -> MediaPolicy {
        trunk.and_then(|trunk| self.trunks.get(&trunk)).copied().unwrap_or(self.others)
    }

    fn of_advocate(&self, advocate: AdvocateId) -> MediaPolicy {
        self.advocates.get(&advocate).copied().unwrap_or(self.others)
    }
}

#[cfg(test)]
mod tests {
    use model::{CallId, ContactId, SrtpPolicy, VendorId};

    use super::*;

    fn policy(srtp: SrtpPolicy) -> MediaPolicy {
        MediaPolicy { srtp, ..MediaPolicy::default() }
    }

    #[test]
    fn the_way_a_leg_goes_decides_what_its_media_may_be() {
        let policies = MediaPolicies {
            trunks: [(TrunkId(0), policy(SrtpPolicy::Required))].into(),
            advocates: [(AdvocateId(0), policy(SrtpPolicy::Optional))].into(),
            others: policy(SrtpPolicy::Off),
        };
        let comes = |peer| policies.of_peer(peer).srtp;
        assert_eq!(comes(Peer::Trunk(TrunkId(0))), SrtpPolicy::Required);
        assert_eq!(comes(Peer::Trunk(TrunkId(1))), SrtpPolicy::Off);
        assert_eq!(comes(Peer::Advocate(AdvocateId(0))), SrtpPolicy::Optional);
        let goes = |role, target| policies.of_dialled(role, &target).srtp;
        let vendor = Role::Vendor(CallId(1), VendorId(1));
        let number = Target::Number { trunk: TrunkId(0), number: String::new().into() };
        assert_eq!(goes(vendor, number), SrtpPolicy::Required);
        let uri = |trunk| Target::Uri { trunk, uri: String::new().into() };
        assert_eq!(goes(vendor, uri(Some(TrunkId(0)))), SrtpPolicy::Required);
        assert_eq!(goes(vendor, uri(None)), SrtpPolicy::Off);
        let contact = Target::Contact(ContactId(1));
        let advocate = Role::Advocate(CallId(1), AdvocateId(0));
        assert_eq!(goes(advocate, contact), SrtpPolicy::Optional);
    }
}
