//! Interpreting as a first-class act: which languages there are, which vendors have interpreters
//! for them, and how one is found and brought to the phone.
//!
//! - [`Catalogue`]: every language with its names, its card number, and a search that understands
//!   what people say.
//! - [`VendorRoute`]: a vendor as the configuration describes it, with the [`Step`]s of its access
//!   script.
//! - [`ScriptRun`]: walks one vendor leg through its menus to a person.
//! - [`Search`]: finds an interpreter for one language of one call, route by route.
//!
//! It is not the call: who hears whom, what the caller is told and which leg is which belong to
//! the switchboard. It dials nothing itself.
//!
//! # The search's table
//!
//! | state | input | does | then |
//! |---|---|---|---|
//! | new, or `Again` when over | no route serves the language | `NoRoute` | over |
//! | | otherwise | `Dial` the first route | dialling |
//! | dialling | `Early`, and the route's menu speaks before it answers | – | in the script |
//! | | `Answered` | `VendorAnswered` | in the script |
//! | | `Answered`, and a person was heard before | `Interpreter`, `Joined` | joined |
//! | | `Failed`, `LegLost` | `RouteFailed`, next | dialling or over |
//! | | its limit, `NextRoute`, `Replace` | `RouteFailed`, `Release`, next | dialling or over |
//! | in the script | a person is heard, `PersonHere` | `Interpreter`, `Joined` | joined |
//! | | the same on a line that has not answered | – | dialling |
//! | | the script fails | `RouteFailed`, `Release`, next | dialling or over |
//! | | `LegLost`, `Failed` | `RouteFailed`, next | dialling or over |
//! | | `NextRoute`, `Replace` | `RouteFailed`, `Release`, next | dialling or over |
//! | joined | `LegLost`, `Failed` | `InterpreterLost`, all routes again, this one last | dialling |
//! | | `Replace`, `NextRoute` | `Release`, all routes again, this one last | dialling |
//! | any but over | `Cancel` | `Release` | over |
//!
//! "Next" is the next route in order, at once (I2); after the last one it is `Exhausted`. Every
//! other pair changes nothing. Each vendor leg ends with one [`Usage`] (I13).
//!
//! # The script's table
//!
//! | step | goes on when | fails when |
//! |---|---|---|
//! | `wait` | its time is over | – |
//! | `hear-speech` | somebody or something speaks | nothing does in time |
//! | `hear-silence` | it has been quiet for 700 ms | it is not in time |
//! | `send` | the digits are sent | they are not after 5 s and 0.5 s for each |
//! | `person` | a phrase of 0.6 to 12 s is spoken between pauses of 700 ms | it is not in time |
//!
//! Everything before `person` must be done within the route's script limit.

mod card;
mod catalogue;
mod code;
mod country;
mod distance;
mod find;
mod fold;
mod phrase;
mod run;
mod script;
mod search;
mod usage;
mod vendor;

pub use catalogue::{Catalogue, CatalogueError, Entry};
pub use code::{Code, CodeError, Secret};
pub use run::{ScriptFailure, ScriptInput, ScriptOutput, ScriptRun};
pub use script::{Digits, DigitsError, Limit, LimitError, Step};
pub use search::{Input, Output, Progress, RouteFailure, Search};
pub use usage::Usage;
pub use vendor::{Languages, VendorRoute};
