//! `northline doctor` on servers that are well, and on one where everything is wrong.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A loopback address that no other test uses, and no other run of the tests at the same time.
fn own(test: u8) -> Ipv4Addr {
    let [.., high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 70 + test, high, low)
}

struct Server {
    folder: TempDir,
}

impl Server {
    fn new(configuration: &str, mode: u32) -> Self {
        let server = Self { folder: tempfile::tempdir().expect("a folder") };
        let configuration = configuration.replace("FOLDER", &server.path(""));
        std::fs::write(server.path("northline.yaml"), configuration).expect("written");
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(server.path("northline.yaml"), mode).expect("set");
        server
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn northline(&self, command: &str) -> Command {
        let mut northline = Command::new(env!("CARGO_BIN_EXE_northline"));
        northline.args([command, "--config", &self.path("northline.yaml")]);
        northline
    }

    fn doctor(&self) -> Output {
        self.northline("doctor").output().expect("the binary runs")
    }
}

/// An engine that is killed with its test.
struct Engine(Child);

impl Engine {
    fn start(server: &Server) -> Self {
        let mut engine = server.northline("run");
        let mut engine = Self(engine.stderr(Stdio::piped()).spawn().expect("the binary runs"));
        let log = BufReader::new(engine.0.stderr.take().expect("a pipe"));
        let mut lines = log.lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("takes calls")), "it did not start");
        engine
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A carrier that answers one OPTIONS; its address.
fn carrier() -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    let address = socket.local_addr().expect("bound").to_string();
    std::thread::spawn(move || {
        let mut datagram = [0; 2000];
        let (length, from) = socket.recv_from(&mut datagram).expect("an OPTIONS");
        let request = String::from_utf8_lossy(&datagram[..length]);
        assert!(request.starts_with("OPTIONS sip:"), "{request}");
        let copied = request.lines().filter(|line| {
            ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].iter().any(|name| line.starts_with(name))
        });
        let head: Vec<&str> = std::iter::once("SIP/2.0 404 Not Found").chain(copied).collect();
        let response = format!("{}\r\nContent-Length: 0\r\n\r\n", head.join("\r\n"));
        socket.send_to(response.as_bytes(), from).expect("sent");
    });
    address
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_server_that_is_well_has_nothing_to_mend() {
    let configuration = format!(
        "sip: {{ listen: \"{}:0\" }}
media: {{ ports: 20000-20099 }}
calls: 10
control: FOLDER/run/control.sock
advocates:
  - {{ name: alice, password: topsecret }}
trunks:
  - {{ name: carrier, from: 127.0.0.1/32, address: \"{}\" }}
  - {{ name: named, address: \"{}\" }}
diversions: {{ backup: {{ trunk: carrier, number: \"15550111\" }} }}",
        own(1),
        carrier(),
        carrier().replace("127.0.0.1", "localhost")
    );
    let output = Server::new(&configuration, 0o640).doctor();
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}");
    for line in [
        "ok    configuration: ",
        "ok    plans: 1 right",
        "ok    prompts: `es` has all",
        ":0: free",
        "ok    media ports: 50 pairs free at 127.",
        "ok    trunk `carrier`: answers",
        "ok    trunk `named`",
        "ok    diversion `backup`: by trunk `carrier`",
        "note  vendors: none",
        "ok    control socket ",
        "northline.yaml: not for everybody",
        "ok    clock: ",
        "ok    descriptors: ",
        "  scheduling: ",
    ] {
        assert!(said.contains(line), "{line} is not in:\n{said}");
    }
    assert!(!said.contains("topsecret") && !said.contains("15550111"), "{said}");
}

#[test]
fn each_fault_of_a_server_is_named_with_its_cure() {
    let held = UdpSocket::bind((own(2), 0)).expect("a free port");
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let configuration = format!(
        "sip: {{ listen: [\"{}\", \"192.0.2.1:5060\", \"0.0.0.0:0\"], advertised: 10.9.8.7 }}
media: {{ ports: 20000-20009 }}
calls: 10
control: FOLDER/northline.yaml/control.sock
prompts: FOLDER/no-such-folder
trunks:
  - {{ name: silent, address: \"{}\", username: u, password: topsecret }}
  - {{ name: six, address: \"[::1]:5060\" }}
  - {{ name: brings, from: 127.0.0.1/32 }}
diversions: {{ backup: {{ trunk: brings, number: \"15550111\" }} }}
vendors:
  - {{ name: unresolved, uri: \"sip:v@vendor.invalid\" }}",
        held.local_addr().expect("bound"),
        silent.local_addr().expect("bound")
    );
    let output = Server::new(&configuration, 0o644).doctor();
    let said = text(&output.stdout);
    assert!(!output.status.success(), "{said}");
    for (fault, cure) in [
        ("Address already in use", "`ss -lntup`"),
        ("sip 192.0.2.1:5060: ", "`ip address`"),
        ("sip advertised: 10.9.8.7 means nothing", "public address"),
        ("media ports: room for 5 legs", "widen `media: ports`"),
        ("control socket ", "change `control:`"),
        ("prompts: ", "make the folder readable"),
        ("trunk `silent`: no answer", "the firewall"),
        ("trunk `six`: is reached by IPv6 only", "add an IPv6 address"),
        ("diversion `backup`: leads to no address", "`address`"),
        ("vendor `unresolved`: ", "; "),
        ("northline.yaml: everybody on this machine can read", "chmod 640"),
    ] {
        let mut to_mend = said.lines().filter(|line| line.starts_with("MEND  "));
        let named = to_mend.any(|line| line.contains(fault) && line.contains(cure));
        assert!(named, "{fault} with {cure} is not in:\n{said}");
    }
    assert!(said.contains("note  advocates: none, so nobody can answer"), "{said}");
    for secret in ["topsecret", "15550111", "vendor.invalid"] {
        assert!(!said.contains(secret), "{said}");
    }
    let count = said.lines().filter(|line| line.starts_with("MEND")).count();
    let conclusion = format!("to mend before the first call: {count}");
    assert!(text(&output.stderr).contains(&conclusion), "{}", text(&output.stderr));
}

#[test]
fn a_slip_in_the_configuration_is_shown_as_everywhere_and_the_machine_is_still_looked_at() {
    let output = Server::new("sip: { listn: x }", 0o600).doctor();
    let said = text(&output.stdout);
    assert!(!output.status.success());
    for part in ["MEND  configuration: ", "help: did you mean `listen`?", "ok    clock: "] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
}

#[test]
fn a_switch_of_no_plan_and_a_socket_in_a_files_place_are_named() {
    let server = Server::new("switches: { emergncy: yes }\ncontrol: FOLDER/northline.yaml", 0o600);
    let said = text(&server.doctor().stdout);
    for part in [
        "MEND  switches: no dialplan declares a variable `emergncy`; did you mean `emergency`?",
        "northline.yaml: something that is no socket lies there; name a file",
    ] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
}

#[test]
fn a_running_engine_may_hold_its_own_sockets_and_answers_its_own_options() {
    let own = own(3).to_string();
    let configuration = "sip: { listen: \"OWN:5060\" }
media: { ports: 20000-20099 }
calls: 10
control: FOLDER/control.sock
trunks:
  - { name: by-udp, address: \"OWN:5060\" }
  - { name: by-tcp, address: \"OWN:5060\", transport: tcp }
vendors:
  - { name: by-uri, uri: \"sip:v@OWN;transport=tcp\" }"
        .replace("OWN", &own);
    let server = Server::new(&configuration, 0o600);
    let engine = Engine::start(&server);
    let output = server.doctor();
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}");
    for line in [
        &format!("ok    sip {own}:5060: held by the running engine"),
        "ok    trunk `by-udp`: answers",
        "ok    trunk `by-tcp`: answers",
        "ok    vendor `by-uri`: answers",
        "control.sock: an engine answers",
    ] {
        assert!(said.contains(line), "{line} is not in:\n{said}");
    }
    drop(engine);
}
