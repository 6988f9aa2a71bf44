//! baresip, a softphone, without sound card or keyboard: it speaks a WAV, records what it hears,
//! and is worked through its control socket.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::engine::Engine;
use crate::network::Network;
use crate::program::{Program, until};
use crate::sipp::Transport;
use crate::speech;

/// What a phone wants of its audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// It knows no keys.
    Off,
    /// RTP/AVP with keys (RFC 8643).
    Optional,
    /// RTP/SAVP.
    Required,
}

impl Encryption {
    const fn parameter(self) -> &'static str {
        match self {
            Self::Off => "",
            Self::Optional => ";mediaenc=srtp",
            Self::Required => ";mediaenc=srtp-mand",
        }
    }
}

/// The one codec a phone knows, where it is not G.711.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wide {
    G722,
    Opus,
}

impl Wide {
    const fn module(self) -> &'static str {
        match self {
            Self::G722 => "module g722.so\n",
            Self::Opus => "module opus.so\n",
        }
    }

    /// The rate of what it says: its own change of rate is coarse.
    const fn rate_hz(self) -> u32 {
        match self {
            Self::G722 => 16_000,
            Self::Opus => 48_000,
        }
    }

    const fn parameter(self) -> &'static str {
        match self {
            Self::G722 => ";audio_codecs=G722/16000/1",
            Self::Opus => ";audio_codecs=opus/48000/2",
        }
    }
}

/// One baresip.
#[derive(Debug)]
pub(crate) struct Baresip {
    program: Program,
    folder: PathBuf,
    network: Network,
    control: SocketAddr,
    server: SocketAddr,
}

/// Where one is.
#[derive(Debug)]
pub(crate) struct Place {
    /// Its name in the test's folder.
    pub(crate) name: &'static str,
    pub(crate) network: Network,
    /// Its own address, for SIP and audio.
    pub(crate) own: IpAddr,
    /// Where it is worked.
    pub(crate) control: IpAddr,
    /// The engine, as seen from there.
    pub(crate) server: SocketAddr,
    pub(crate) codec: Option<Wide>,
}

impl Baresip {
    /// Starts one, worked at `host`, that says `voice`. With a name and password it registers and answers
    /// every call.
    pub(crate) async fn start(
        engine: &Engine,
        host: IpAddr,
        account: Option<(&str, &str)>,
        transport: Transport,
        voice: &[i16],
    ) -> Self {
        Self::start_with(engine, host, account, (transport, Encryption::Off), voice).await
    }

    /// The same with encrypted audio. What it says shows every SIP message.
    pub(crate) async fn start_with(
        engine: &Engine,
        host: IpAddr,
        account: Option<(&str, &str)>,
        carried: (Transport, Encryption),
        voice: &[i16],
    ) -> Self {
        let (network, server) = (Network::Own, engine.address());
        let (name, codec) = ("baresip", None);
        let place = Place { name, network, own: OWN, control: host, server, codec };
        Self::start_at(engine, place, account, carried, voice).await
    }

    /// The same in a codec that is not G.711, and in no other.
    pub(crate) async fn start_in(
        engine: &Engine,
        host: IpAddr,
        account: Option<(&str, &str)>,
        codec: Wide,
        voice: &[i16],
    ) -> Self {
        let (network, server) = (Network::Own, engine.address());
        let (name, codec) = ("baresip", Some(codec));
        let place = Place { name, network, own: OWN, control: host, server, codec };
        let carried = (Transport::Udp, Encryption::Off);
        Self::start_at(engine, place, account, carried, voice).await
    }

    /// The same at a place of its own.
    pub(crate) async fn start_at(
        engine: &Engine,
        place: Place,
        account: Option<(&str, &str)>,
        (transport, encryption): (Transport, Encryption),
        voice: &[i16],
    ) -> Self {
        let Place { name, network, own, control, server, codec } = place;
        let folder = engine.folder().join(name);
        fs::create_dir(&folder).expect("a name for each baresip of an engine");
        let control = SocketAddr::new(control, CONTROL);
        let rate_hz = codec.map_or(8_000, Wide::rate_hz);
        let voice = audio::resample(voice, 8_000, rate_hz);
        fs::write(folder.join("voice.wav"), audio::wav::save(&voice, rate_hz)).expect("written");
        let module = codec.map_or("", Wide::module);
        let rates = format!("ausrc_srate {rate_hz}\nauplay_srate {rate_hz}\n");
        let settings = configuration(&folder, own, control) + &rates + module;
        fs::write(folder.join("config"), settings).expect("written");
        let codec = codec.map_or("", Wide::parameter);
        let line = line(server, account, transport) + encryption.parameter() + codec + "\n";
        fs::write(folder.join("accounts"), line).expect("written");
        let mut command = network.command("baresip");
        command.arg("-s").arg("-f").arg(&folder).current_dir(&folder).env("HOME", &folder);
        let program = Program::start(&mut command, &folder.join("log"));
        let phone = Self { program, folder, network, control, server };
        until("baresip is ready", STARTS_WITHIN, || phone.said("baresip is ready")).await;
        if account.is_some() {
            until("baresip registers", STARTS_WITHIN, || phone.said("200 OK")).await;
        }
        phone
    }

    /// Whether its output has that text.
    pub(crate) fn said(&self, text: &str) -> bool {
        self.program.said().contains(text)
    }

    /// Everything it has said.
    pub(crate) fn all_said(&self) -> String {
        self.program.said()
    }

    /// Dials a number of the engine.
    pub(crate) async fn dial(&self, number: &str) {
        // Its account adds the transport.
        self.command("dial", &format!("sip:{number}@{}", self.server)).await;
    }

    /// Presses a key.
    pub(crate) async fn press(&self, key: char) {
        self.command("sndcode", &key.to_string()).await;
        tokio::time::sleep(KEY).await;
        self.command("sndcode", "").await;
    }

    /// Presses the transfer key and a name.
    pub(crate) async fn transfer(&self, name: &str) {
        self.command("transfer", &format!("sip:{name}@{}", self.server)).await;
    }

    pub(crate) async fn hang_up(&self) {
        self.command("hangup", "").await;
    }

    /// Everything heard in its last call, once it has written that down.
    pub(crate) async fn heard(&self) -> Vec<i16> {
        let recording = || speech::recorded(&speech::file_in(&self.folder, "-dec.wav")?);
        until("baresip has recorded the call", STARTS_WITHIN, || recording().is_some()).await;
        recording().expect("waited for it")
    }

    /// One command to its control socket: JSON in a netstring.
    async fn command(&self, command: &str, parameters: &str) {
        let stream = self.network.within(|| std::net::TcpStream::connect(self.control));
        let stream = stream.expect("its control socket");
        stream.set_nonblocking(true).expect("set");
        let mut stream = TcpStream::from_std(stream).expect("the runtime takes it");
        let text = format!("{{\"command\":\"{command}\",\"params\":\"{parameters}\"}}");
        let netstring = format!("{}:{text},", text.len());
        stream.write_all(netstring.as_bytes()).await.expect("it listens");
        // It forgets what a connection said that is closed at once.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

impl Drop for Baresip {
    /// A test that fails shows what the phone said.
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- baresip\n{}", self.program.said());
        }
    }
}

fn configuration(folder: &Path, own: IpAddr, control: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        "sip_listen {own}:0\nnet_interface {own}\n\
         audio_source aufile,{folder}/voice.wav\naudio_player aubridge,nobody\n\
         audio_alert aubridge,nobody\naudio_path {folder}\n\
         ausrc_channels 1\nauplay_channels 1\n\
         module_path /usr/lib/baresip/modules\n\
         module g711.so\nmodule aufile.so\nmodule aubridge.so\nmodule sndfile.so\n\
         snd_path {folder}\nmodule srtp.so\nmodule_tmp account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n\
         statmode_default off\n\
         ctrl_tcp_listen {control}\n"
    )
}

fn line(server: SocketAddr, account: Option<(&str, &str)>, transport: Transport) -> String {
    let transport = parameter(transport);
    match account {
        Some((name, password)) => format!(
            "<sip:{name}@{server}{transport}>;auth_user={name};auth_pass={password};\
             answermode=auto;regint=60"
        ),
        None => format!("<sip:caller@{server}{transport}>;regint=0"),
    }
}

const fn parameter(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => ";transport=udp",
        Transport::Tcp => ";transport=tcp",
    }
}

/// Its sockets for media are bound to no address, so what it sends comes from this one, on whatever
/// loopback address it was told to be; the engine takes audio only from where it was promised.
const OWN: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const CONTROL: u16 = 4444;
const STARTS_WITHIN: Duration = Duration::from_secs(10);
const KEY: Duration = Duration::from_millis(120);
