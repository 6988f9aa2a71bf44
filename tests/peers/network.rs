//! The network a program or a socket is in: this machine's, or one that a test has made.

use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Command;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// A network namespace.
#[derive(Clone, Debug)]
pub(crate) enum Network {
    /// The one the test runs in.
    Own,
    /// One of `ip netns`, by its name.
    Named(String),
}

impl Network {
    /// `program`, to be run in it.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        match self {
            Self::Own => Command::new(program.as_ref()),
            Self::Named(name) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", name]).arg(program.as_ref());
                command
            }
        }
    }

    /// What `make` makes in it: a socket stays in the network in which it was made.
    pub(crate) fn within<T: Send>(&self, make: impl FnOnce() -> T + Send) -> T {
        let Self::Named(name) = self else { return make() };
        let network = File::open(Path::new("/run/netns").join(name)).expect("the test made it");
        let making = || {
            let kind = Some(LinkNameSpaceType::Network);
            move_into_link_name_space(network.as_fd(), kind).expect("root may");
            make()
        };
        // Only this thread moves, and it ends at once.
        std::thread::scope(|scope| scope.spawn(making).join().expect("it does not panic"))
    }
}
