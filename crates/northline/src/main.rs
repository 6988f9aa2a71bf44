//! The command line of Northline.

fn main() {}
