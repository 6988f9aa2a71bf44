//! Files: where the control socket goes, and who may read the configuration's secrets.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use console::ControlSocket;
use rustix::fs::{Access, access};

use super::{Engine, Report};
use crate::configuration;

/// Whether the engine could make its control socket.
pub(super) fn examine_control(report: &mut Report, control: &Path, engine: Engine) {
    let shown = control.display();
    if engine == Engine::Running {
        report.ok(format!("control socket {shown}: an engine answers"));
        return;
    }
    if ControlSocket::is_taken(control) {
        let cure = "name a file that is not there in `control:`";
        return report
            .mend(format!("control socket {shown}: something that is no socket lies there"), cure);
    }
    // The engine makes folders that are not there yet.
    let folder = control.ancestors().skip(1).find(|folder| folder.exists());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    match access(folder, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) if folder.is_dir() => report.ok(format!("control socket {shown}: can be made")),
        _ if control.starts_with(SERVICE_FOLDER) && !folder.starts_with(SERVICE_FOLDER) => {
            report.note(format!("control socket {shown}: the systemd unit will make its folder"));
        }
        _ => report.mend(
            format!("control socket {shown}: this user cannot write to {}", folder.display()),
            "ask again as the engine's user, or change `control:`",
        ),
    }
}

/// Whether strangers on this machine can read passwords and tokens.
pub(super) fn examine_file(report: &mut Report, config: Option<&Path>) {
    let Some((path, text)) = config.and_then(|path| Some((path, std::fs::read(path).ok()?))) else {
        return;
    };
    let Ok(mode) = std::fs::metadata(path).map(|file| file.permissions().mode()) else { return };
    let shown = path.display();
    let text = String::from_utf8_lossy(&text);
    if configuration::holds_samples(&text) {
        report.mend(
            format!("{shown}: a password or token is still the sample's, which everybody knows"),
            "`openssl rand -hex 32` makes one",
        );
    }
    if mode & FOR_OTHERS == 0 {
        report.ok(format!("{shown}: not for everybody"));
    } else if configuration::holds_secrets(&text) {
        report.mend(
            format!("{shown}: everybody on this machine can read its secrets"),
            format!("`chmod 640 {shown}`"),
        );
    } else {
        report.ok(format!("{shown}: holds no secrets"));
    }
}

/// `RuntimeDirectory` of the systemd unit; there only while the service runs.
const SERVICE_FOLDER: &str = "/run/northline";
/// Read or write, for those who are neither owner nor group.
const FOR_OTHERS: u32 = 0o006;
