//! Which encryption a leg offers, accepts and has (RFC 4568 §7, RFC 8643).
//!
//! A leg that may be encrypted offers `RTP/AVP` with a=crypto lines, which a peer that does not know
//! them reads over (RFC 8643 §3); one that must be offers `RTP/SAVP`.
//!
//! # Assumptions
//! - An offer of `RTP/AVP` with a=crypto that can be used is encrypted even where encryption is
//!   required: what counts is what is sent.
//! - An answer may name another profile than our offer did, as long as it settles a key.

use model::{Chance, CryptoSuite, MasterKey, SrtpPolicy};

use crate::AnswerError;
use crate::crypto::Crypto;
use crate::description::Media;

/// The keys of both directions of an encrypted leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// What we send with.
    pub ours: MasterKey,
    /// What the peer sends with; of the same suite.
    pub theirs: MasterKey,
}

/// Our side of a leg's encryption.
pub(crate) struct Security {
    pub(crate) policy: SrtpPolicy,
    /// `None` if it is off.
    own: Option<Own>,
}

/// One key for each suite, and a new one as soon as another takes its place: no key is ever taken
/// up again, since its packets would then be counted from 0 a second time.
struct Own {
    keys: [MasterKey; SUITES.len()],
    /// Whether our next offer is to have other keys.
    is_spent: bool,
    chance: Chance,
}

impl Security {
    /// A leg without encryption.
    pub(crate) const OFF: Self = Self { policy: SrtpPolicy::Off, own: None };

    pub(crate) fn new(policy: SrtpPolicy, mut chance: Chance) -> Self {
        if policy == SrtpPolicy::Off {
            return Self::OFF;
        }
        let keys = SUITES.map(|suite| MasterKey::random(suite, &mut chance));
        Self { policy, own: Some(Own { keys, is_spent: false, chance }) }
    }

    /// The profile of our first offer.
    pub(crate) const fn protocol(&self) -> &'static str {
        match self.policy {
            SrtpPolicy::Off | SrtpPolicy::Optional => "RTP/AVP",
            SrtpPolicy::Required => "RTP/SAVP",
        }
    }

    /// Our keys were begun with anew by whoever lost count of their packets: the next offer has
    /// others. One that is open keeps those it names.
    pub(crate) fn spend(&mut self) {
        if let Some(own) = &mut self.own {
            own.is_spent = true;
        }
    }

    /// The lines of our offer: what is best first.
    pub(crate) fn offer(&mut self) -> Vec<Crypto> {
        if let Some(own) = &mut self.own
            && std::mem::take(&mut own.is_spent)
        {
            SUITES.into_iter().for_each(|suite| own.renew(suite));
        }
        let keys = self.own.iter().flat_map(|own| &own.keys[..OFFERED]);
        (1..).zip(keys).map(|(tag, key)| Crypto { tag, key: key.clone() }).collect()
    }

    /// The peer's line that we take up: the first one, but one with a short tag only if there is no
    /// other.
    fn choose<'m>(&self, offered: &'m Media) -> Option<&'m Crypto> {
        self.own.as_ref()?;
        let long = |crypto: &&Crypto| crypto.key.suite() != CryptoSuite::AesCm128HmacSha1_32;
        offered.crypto.iter().find(long).or(offered.crypto.first())
    }

    /// Whether an offered stream has a line that we take up.
    pub(crate) fn is_usable(&self, offered: &Media) -> bool {
        self.choose(offered).is_some()
    }

    /// The line of our answer to an offered stream, and the keys that it settles; `before` are
    /// those that were settled before. `None` for plain media.
    pub(crate) fn answer_to(
        &mut self,
        offered: &Media,
        before: Option<&Keys>,
    ) -> Option<(Crypto, Keys)> {
        let chosen = self.choose(offered).cloned()?;
        let keys = self.answer(&chosen, before)?;
        Some((Crypto { tag: chosen.tag, key: keys.ours.clone() }, keys))
    }

    /// The keys of our answer to `chosen`: those of `before` if the peer's is still the same.
    fn answer(&mut self, chosen: &Crypto, before: Option<&Keys>) -> Option<Keys> {
        let theirs = chosen.key.clone();
        if let Some(before) = before.filter(|before| before.theirs == theirs) {
            return Some(before.clone());
        }
        let (own, suite) = (self.own.as_mut()?, theirs.suite());
        if before.is_some_and(|before| before.ours.suite() == suite) {
            own.renew(suite);
        }
        Some(Keys { ours: own.key(suite).clone(), theirs })
    }

    /// What the peer's `answer` to our `offered` stream settles; `None` for plain media. `before`
    /// are the keys in use, which a refresh of the session names again.
    ///
    /// # Errors
    /// It is plain and must not be, or names no line of ours.
    pub(crate) fn accept(
        &self,
        offered: &Media,
        answer: &Media,
        before: Option<&Keys>,
    ) -> Result<Option<Keys>, AnswerError> {
        let is_keyless = offered.crypto.is_empty() || answer.crypto.is_empty();
        let was_plain = offered.profile() == Some(Profile::Plain);
        match answer.profile() {
            Some(Profile::Plain) if is_keyless => match self.policy {
                SrtpPolicy::Off | SrtpPolicy::Optional if was_plain => Ok(None),
                _ => Err(AnswerError::PlainOnly),
            },
            _ if offered.crypto.is_empty() => Err(AnswerError::SecureOnly),
            None => Err(AnswerError::NoAudio),
            Some(_) => {
                let keys =
                    answer.crypto.iter().find_map(|theirs| self.agreed(offered, theirs, before));
                keys.map(Some).ok_or(AnswerError::NoCommonCrypto)
            }
        }
    }

    /// Another exchange has settled `after` where `before` was: a key of ours that is no longer
    /// used is not used again.
    pub(crate) fn settle(&mut self, before: Option<&Keys>, after: Option<&Keys>) {
        let (Some(own), Some(before)) = (&mut self.own, before) else { return };
        let suite = before.ours.suite();
        let is_left = after.is_none_or(|after| after.ours != before.ours);
        if is_left && *own.key(suite) == before.ours {
            own.renew(suite);
        }
    }

    /// The keys of both if the peer's line answers one of ours that may still be used.
    fn agreed(&self, offered: &Media, theirs: &Crypto, before: Option<&Keys>) -> Option<Keys> {
        let ours = &offered.crypto.iter().find(|ours| ours.tag == theirs.tag)?.key;
        let suite = ours.suite();
        let is_ours = ours == self.own.as_ref()?.key(suite)
            || before.is_some_and(|before| before.ours == *ours);
        (is_ours && suite == theirs.key.suite())
            .then(|| Keys { ours: ours.clone(), theirs: theirs.key.clone() })
    }
}

impl Own {
    fn key(&self, suite: CryptoSuite) -> &MasterKey {
        &self.keys[place(suite)]
    }

    fn renew(&mut self, suite: CryptoSuite) {
        self.keys[place(suite)] = MasterKey::random(suite, &mut self.chance);
    }
}

/// The RTP profiles we speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// RTP/AVP, RTP/AVPF.
    Plain,
    /// RTP/SAVP, RTP/SAVPF.
    Secure,
}

impl Media {
    /// The stream's profile, `None` if it is none of ours: DTLS-SRTP, or no RTP at all.
    pub(crate) fn profile(&self) -> Option<Profile> {
        let is = |names: [&str; 2]| names.iter().any(|n| self.protocol.eq_ignore_ascii_case(n));
        match () {
            () if is(["RTP/AVP", "RTP/AVPF"]) => Some(Profile::Plain),
            () if is(["RTP/SAVP", "RTP/SAVPF"]) => Some(Profile::Secure),
            () => None,
        }
    }
}

const fn place(suite: CryptoSuite) -> usize {
    match suite {
        CryptoSuite::AeadAes128Gcm => 0,
        CryptoSuite::AesCm128HmacSha1_80 => 1,
        CryptoSuite::AeadAes256Gcm => 2,
        CryptoSuite::AesCm128HmacSha1_32 => 3,
    }
}

/// The strongest tag first; the longer key and the short tag are accepted, not offered.
const SUITES: [CryptoSuite; 4] = [
    CryptoSuite::AeadAes128Gcm,
    CryptoSuite::AesCm128HmacSha1_80,
    CryptoSuite::AeadAes256Gcm,
    CryptoSuite::AesCm128HmacSha1_32,
];
const OFFERED: usize = 2;
