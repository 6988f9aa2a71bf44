//! The phones of a demonstration.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use model::Chance;
use tokio::time::timeout;

use super::party::Party;
use super::wrong::Wrong;
use crate::phone::{Account, AnswerPolicy, Call, Phone, PhoneSettings};

/// An account with a password nobody has had before.
pub(super) fn account(username: &str, chance: &mut Chance) -> Account {
    Account { username: username.to_owned(), password: chance.token() }
}

/// A phone behind a carrier or PBX: no account, and it calls `server`.
pub(super) async fn phone(server: SocketAddr, chance: &mut Chance) -> std::io::Result<Phone> {
    start(server, None, AnswerPolicy::Never, chance).await
}

/// A vendor's phone, which only takes calls, at `address`.
pub(super) async fn vendor(address: IpAddr, chance: &mut Chance) -> std::io::Result<Phone> {
    // It takes calls from any port of its server's address, and places none.
    phone(SocketAddr::new(address, DISCARD), chance).await
}

/// An advocate's phone, registered.
pub(super) async fn advocate(
    server: SocketAddr,
    account: Account,
    on_call: AnswerPolicy,
    chance: &mut Chance,
) -> std::io::Result<Result<Phone, Wrong>> {
    let phone = start(server, Some(account), on_call, chance).await?;
    let registered = phone.register().await;
    Ok(registered.map(|()| phone).map_err(|error| Wrong::NotRegistered(Party::Advocate, error)))
}

/// Dials a star code and listens to the confirmation.
pub(super) async fn dial_code(phone: &Phone, code: &str) -> std::io::Result<()> {
    let call = phone.call(code).await?;
    // Whoever is confirmed nothing hangs up.
    if timeout(CONFIRMED, call.ended()).await.is_err() {
        call.hang_up().await;
    }
    Ok(())
}

/// The next call that rings at `phone`.
pub(super) async fn next_call(phone: &mut Phone, what: &'static str) -> Result<Call, Wrong> {
    let missing = Wrong::Missing { what, within: RINGS };
    timeout(RINGS, phone.incoming()).await.ok().flatten().ok_or(missing)
}

async fn start(
    server: SocketAddr,
    account: Option<Account>,
    on_call: AnswerPolicy,
    chance: &mut Chance,
) -> std::io::Result<Phone> {
    let address = server.ip();
    Phone::start(PhoneSettings { address, server, account, on_call }, chance.split()).await
}

/// This machine, as every demonstration sees it.
pub(super) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// RFC 863: nobody answers there.
const DISCARD: u16 = 9;
const CONFIRMED: Duration = Duration::from_secs(10);
const RINGS: Duration = Duration::from_secs(10);
