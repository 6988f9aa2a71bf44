//! The page beside a desk phone: every star code, and the commonest language numbers.

use std::fmt::Write;

use interpreting::Catalogue;

/// The page as plain text, 80 columns wide.
pub fn advocate_card(catalogue: &Catalogue) -> String {
    let mut page = CODES.to_owned();
    let commonest = catalogue.entries().iter().filter(|entry| entry.number < FIRST_RARE);
    let mut commonest: Vec<_> = commonest.collect();
    commonest.sort_by_key(|entry| entry.number);
    for row in commonest.chunks(COLUMNS) {
        for entry in row {
            let _ = write!(page, "  *5{} {:<19}", entry.number, entry.english);
        }
        page.truncate(page.trim_end().len());
        page.push('\n');
    }
    page.push_str("  All languages: northline languages --card\n");
    page
}

const CODES: &str = "\
NORTHLINE AT A DESK PHONE

Between calls, dial:
  *1  ready            *2  away            *3  wrap-up done

In a call, press (caller and interpreter hear none of it):
  *5 and three digits  bring an interpreter; the language is spoken back
  *1  let the interpreter hear the caller (when you are told to)
  *9  this is a person, join now       *6  give up this line, try the next
  *8  another interpreter              *7  stop the search, or let her go
  *2  the interpreter speaks at the same time, and back: meanwhile you and the
      caller hear each other lowered
  *4  talk privately with the interpreter, and back
  **  hold the caller, and back        *0  say goodbye and end the call
  *#  hear what is possible

Supervisors take part in a colleague's call by dialling a code and her name, or
her number in the list of advocates:
  *4  listen           *5  coach: only she hears you        *6  talk with all
In the call *1, *2 and *3 change that, and *0 leaves. Advocate and caller are
told before you hear them; without words in the caller's language, the advocate
tells her and presses *1.

The transfer key of your phone and the name of a colleague, a queue or a centre
hand the caller on; ** takes her back until somebody has answered.

A caller \"by text\" only writes. Read and answer at your screen, or on a phone
with text. If you can do neither you are told to open your screen, and she is
told to wait; hang up, and she is first in line for the next advocate.

Hanging up ends the call: the caller hears the closing line. If your phone or
its network dies, the caller is told and is first in line for the next advocate.

The commonest languages:
";
const COLUMNS: usize = 3;
/// Numbers below this were given to the commonest languages.
const FIRST_RARE: u16 = 200;
