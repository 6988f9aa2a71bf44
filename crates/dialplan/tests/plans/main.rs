//! Plans as operators write them, and callers who walk through them on a virtual clock.

mod caller;
mod calls;
mod facts;
mod fault_table;
mod faults;
mod lab;
mod reload;
mod shipped;
mod walks;
