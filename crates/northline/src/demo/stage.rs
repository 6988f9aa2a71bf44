//! The hotline, the phones and the sounds of one demonstration.

use std::path::Path;
use std::time::Duration;

use interpreting::Catalogue;
use media::Library;
use model::Language;
use os::clock;
use tokio::sync::mpsc;

use super::cast::{self, LOOPBACK};
use super::house::{House, Line, Vendor};
use super::notices::Notices;
use super::sabotage;
use super::service::{self, Service};
use super::sound::{Sound, prompt};
use super::tapes::Tapes;
use super::timeline::{Timeline, say};
use super::wrong::Wrong;
use crate::cli::Fault;
use crate::commands::{self, CommandError};
use crate::engine::Attached;
use crate::hotline::{Hotline, entropy};
use crate::phone::{AnswerPolicy, Phone};

/// Everything a demonstration needs.
pub(super) struct Stage {
    pub(super) hotline: Hotline,
    pub(super) notices: Notices,
    pub(super) timeline: Timeline,
    pub(super) cues: Cues,
    pub(super) service: Service,
    pub(super) caller: Phone,
    pub(super) advocate: Phone,
    /// Busy at first; later an interpreter answers.
    pub(super) first_vendor: Phone,
    /// Has a menu.
    pub(super) second_vendor: Phone,
    /// What the second vendor wants to be sent.
    pub(super) account: String,
    /// What the advocate dials for an interpreter.
    pub(super) code: String,
}

/// The hotline's prompts that are looked for.
pub(super) struct Cues {
    pub(super) welcome: Sound,
    pub(super) spanish: Sound,
    pub(super) still: Sound,
    pub(super) joining: Sound,
    pub(super) lost: Sound,
}

/// `northline demo`: plays the call, prints its timeline, writes what each party heard to `output`.
///
/// # Errors
/// When it cannot start, or when anything is not so.
pub async fn demonstrate(fault: Option<Fault>, output: &Path) -> Result<String, CommandError> {
    say("One call over real SIP and RTP on loopback, against the clock: about 100 seconds.");
    let mut stage = Stage::build(fault).await?;
    let mut tapes = Tapes::default();
    let played = stage.play(&mut tapes).await;
    stage.hotline.stop().await;
    let files = tapes.save(output)?;
    played?;
    let (folder, files) = (output.display(), files.join(", "));
    Ok(format!("Everything is so. What each party heard is in {folder}: {files}\n"))
}

impl Stage {
    /// Starts the hotline, plugs the phones in, and has the advocate ready.
    async fn build(fault: Option<Fault>) -> Result<Self, CommandError> {
        let mut chance = entropy()?;
        let first_vendor = cast::vendor(LOOPBACK, &mut chance).await?;
        let second_vendor = cast::vendor(LOOPBACK, &mut chance).await?;
        let account = service::account(&mut chance);
        let menu = Line::Menu { account: account.clone() };
        let mut vendors = vec![
            Vendor { address: first_vendor.address(), line: Line::Direct },
            Vendor { address: second_vendor.address(), line: menu },
        ];
        if fault == Some(Fault::DropSecondVendor) {
            vendors.truncate(1);
        }
        let sam = cast::account("sam", &mut chance);
        let house =
            House { listen: (LOOPBACK, 0).into(), advocates: &[(&sam, "en")], vendors: &vendors };
        let mut configuration = house.configuration()?;
        configuration.timing.offer = LETS_WAIT;
        let library = commands::library(&configuration)?;
        let cues = Cues::new(&library)?;
        let (observer, told) = mpsc::unbounded_channel();
        let attached =
            Attached { observer: Some(observer), sabotage: fault.and_then(sabotage::of) };
        let hotline = Hotline::start(configuration, library, attached).await?;
        let server = *hotline.addresses().first().ok_or(Wrong::NoAddress)?;
        let caller = cast::phone(server, &mut chance).await?;
        let advocate = cast::advocate(server, sam, AnswerPolicy::Never, &mut chance).await??;
        cast::dial_code(&advocate, "*1").await?;
        Ok(Self {
            hotline,
            notices: Notices::new(told),
            timeline: Timeline::new(clock::now()),
            cues,
            service: Service::new()?,
            caller,
            advocate,
            first_vendor,
            second_vendor,
            account,
            code: interpreter_code()?,
        })
    }
}

impl Cues {
    fn new(library: &Library) -> Result<Self, Wrong> {
        let english = |name| prompt(library, Language::ENGLISH, name);
        Ok(Self {
            welcome: english("welcome")?,
            spanish: prompt(library, Language::SPANISH, "espanol-oprima-dos")?,
            still: english("still-with-you")?,
            joining: english("interpreter-joining")?,
            lost: english("interpreter-lost")?,
        })
    }
}

/// `*5` and the number of the language that the voices speak.
pub(super) fn interpreter_code() -> Result<String, Wrong> {
    let catalogue = Catalogue::embedded();
    let found = catalogue.find(LANGUAGE).first().map(|entry| format!("*5{}", entry.number));
    found.ok_or_else(|| Wrong::NoRecording(LANGUAGE.to_owned()))
}

/// Long enough for an advocate to let a caller hear that she is still in line.
const LETS_WAIT: Duration = Duration::from_secs(60);
/// The callers' and interpreters' language in `prompts/demo`.
pub(super) const LANGUAGE: &str = "Vietnamese";
