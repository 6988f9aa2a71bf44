//! Janus, the WebRTC server of Debian, with plain RTP participants in its AudioBridge: another
//! mixer under the same load.
//!
//! It runs as Debian installs it but for a folder of its own, the API on a Unix socket, 8 kHz rooms
//! and the core that a shard has; its threads have the system's ordinary priority.

use std::error::Error;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use os::scheduling::Scheduling;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cpu;
use crate::load::Load;
use crate::server::{Reading, Server};

/// A running Janus with a participant for every party.
pub(crate) struct Janus {
    process: Child,
    targets: Vec<SocketAddr>,
    folder: TempDir,
}

/// One session of its API.
struct Session {
    socket: UnixDatagram,
    id: Value,
}

impl Janus {
    /// Starts it, with all parties of `load` in their rooms.
    pub(crate) fn start(load: &Load, peers: &[SocketAddr]) -> Result<Self, Box<dyn Error>> {
        // Its transport's thread may see itself unwanted before it is said to be wanted, and then
        // the process ends.
        let up = (0..ATTEMPTS).find_map(|_| Self::up().transpose()).transpose()?;
        let (mut janus, session) = up.ok_or("janus does not start")?;
        let keeper = session.attach()?;
        for first in (0..load.participants()).step_by(load.parties_per_room) {
            session.ask(message(&keeper, &room(first / load.parties_per_room)))?;
        }
        for (party, peer) in peers.iter().enumerate() {
            let handle = session.attach()?;
            let joined = session.join(&handle, party / load.parties_per_room, *peer)?;
            janus.targets.push((ADDRESS, joined).into());
        }
        Ok(janus)
    }

    /// The process and a session with it; nothing if it ended at once.
    fn up() -> Result<Option<(Self, Session)>, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        configure(folder.path())?;
        let process = command(folder.path()).spawn().map_err(|error| {
            format!("taskset and janus: {error}; `make bench-peers` installs it")
        })?;
        let mut janus = Self { process, targets: Vec::new(), folder };
        let socket = UnixDatagram::bind(janus.folder.path().join("bench"))?;
        socket.set_read_timeout(Some(SOON))?;
        while socket.connect(janus.folder.path().join("api")).is_err() {
            if janus.process.try_wait()?.is_some() {
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Some((janus, Session::open(socket)?)))
    }
}

impl Server for Janus {
    fn targets(&self) -> &[SocketAddr] {
        &self.targets
    }

    fn reading(&self) -> Reading {
        Reading { cpu: cpu::of_process(self.process.id()), received: None, late: 0 }
    }

    fn scheduling(&self) -> Option<Scheduling> {
        Some(Scheduling::Ordinary)
    }
}

impl Drop for Janus {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Session {
    fn open(socket: UnixDatagram) -> Result<Self, Box<dyn Error>> {
        let mut session = Self { socket, id: Value::Null };
        session.id = session.ask(json!({ "janus": "create" }))?["data"]["id"].clone();
        Ok(session)
    }

    /// A handle of the AudioBridge.
    fn attach(&self) -> Result<Value, Box<dyn Error>> {
        let answer =
            self.ask(json!({ "janus": "attach", "plugin": "janus.plugin.audiobridge" }))?;
        Ok(answer["data"]["id"].clone())
    }

    /// Puts a party into a room; the port at which she is received.
    fn join(&self, handle: &Value, room: usize, peer: SocketAddr) -> Result<u16, Box<dyn Error>> {
        let rtp = json!({ "ip": peer.ip().to_string(), "port": peer.port(), "payload_type": 0 });
        let body = json!({
            "request": "join", "room": room + 1, "muted": false, "codec": "pcmu", "rtp": rtp,
        });
        // Whoever is in the room already is told too: this is the answer of her own handle, which
        // may come before the request is acknowledged.
        self.send(message(handle, &body))?;
        let joined = self.until(|said| said["sender"] == *handle || said["janus"] == "error")?;
        let port = joined["plugindata"]["data"]["rtp"]["port"].as_u64();
        let port = port.ok_or_else(|| format!("janus does not let a party in: {joined}"))?;
        Ok(u16::try_from(port)?)
    }

    /// Something that is answered at once.
    fn ask(&self, request: Value) -> Result<Value, Box<dyn Error>> {
        self.send(request)?;
        let is_answer = |said: &Value| said["janus"] == "success";
        let answer = self.until(|said| is_answer(said) || said["janus"] == "error")?;
        if is_answer(&answer) { Ok(answer) } else { Err(answer.to_string().into()) }
    }

    fn send(&self, mut request: Value) -> std::io::Result<()> {
        request["transaction"] = json!("bench");
        if !self.id.is_null() {
            request["session_id"] = self.id.clone();
        }
        self.socket.send(request.to_string().as_bytes()).map(drop)
    }

    /// The next thing said that is meant.
    fn until(&self, is_meant: impl Fn(&Value) -> bool) -> Result<Value, Box<dyn Error>> {
        let mut datagram = vec![0; 1 << 20];
        loop {
            let length = self.socket.recv(&mut datagram)?;
            let said: Value = serde_json::from_slice(&datagram[..length])?;
            if is_meant(&said) {
                return Ok(said);
            }
        }
    }
}

fn message(handle: &Value, body: &Value) -> Value {
    json!({ "janus": "message", "handle_id": handle, "body": body })
}

fn room(number: usize) -> Value {
    json!({
        "request": "create", "room": number + 1, "sampling_rate": 8000,
        "allow_rtp_participants": true, "audiolevel_event": false,
    })
}

fn command(folder: &Path) -> Command {
    let last_core = std::thread::available_parallelism().map_or(1, usize::from) - 1;
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &last_core.to_string(), "janus"]);
    command.arg("--configs-folder").arg(folder);
    command.arg("--config").arg(folder.join("janus.jcfg"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The plugins of Debian, of which only the AudioBridge is loaded, and the way to ask.
fn configure(folder: &Path) -> std::io::Result<()> {
    let path = folder.display();
    let others = |kind: &str, wanted: &str| {
        let files = fs::read_dir(Path::new(MODULES).join(kind)).into_iter().flatten().flatten();
        let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
        names.filter(|name| !name.contains(wanted)).collect::<Vec<_>>().join(",")
    };
    let (plugins, transports) = (others("plugins", "audiobridge"), others("transports", "pfunix"));
    fs::write(
        folder.join("janus.jcfg"),
        format!(
            "general: {{ configs_folder = \"{path}\"\n\
             plugins_folder = \"{MODULES}/plugins\"\n\
             transports_folder = \"{MODULES}/transports\"\n\
             interface = \"127.0.0.1\"\n debug_level = 0 }}\n\
             plugins: {{ disable = \"{plugins}\" }}\n\
             transports: {{ disable = \"{transports}\" }}\n"
        ),
    )?;
    fs::write(
        folder.join("janus.transport.pfunix.jcfg"),
        format!(
            "general: {{ enabled = true\n json = \"plain\"\n path = \"{path}/api\"\n\
             type = \"SOCK_DGRAM\" }}\n"
        ),
    )?;
    fs::write(
        folder.join("janus.plugin.audiobridge.jcfg"),
        "general: { local_ip = \"127.0.0.1\"\n rtp_port_range = \"33000-60000\" }\n",
    )
}

/// Where Debian puts what Janus loads.
const MODULES: &str = "/usr/lib/x86_64-linux-gnu/janus";
const SOON: Duration = Duration::from_secs(30);
/// The one that it binds to.
const ADDRESS: Ipv4Addr = Ipv4Addr::LOCALHOST;
const ATTEMPTS: usize = 20;
