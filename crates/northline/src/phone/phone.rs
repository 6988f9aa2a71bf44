//! A simulated phone as its user holds it.

use std::io;
use std::net::SocketAddr;

use model::Chance;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::call::Call;
use super::line::{Line, Order};
use super::registration::RegisterError;
use super::settings::PhoneSettings;

/// One phone with a socket of its own. Dropped together with its calls, it is gone without a word:
/// see [`Phone::vanish`].
#[derive(Debug)]
pub struct Phone {
    address: SocketAddr,
    orders: UnboundedSender<Order>,
    incoming: UnboundedReceiver<Call>,
}

impl Phone {
    /// Plugs a phone in; `chance` makes its tags and ports.
    ///
    /// # Errors
    /// When its address cannot be bound.
    pub async fn start(settings: PhoneSettings, chance: Chance) -> io::Result<Self> {
        let (orders, received) = unbounded_channel();
        let (ringing, incoming) = unbounded_channel();
        let line = Line::open(settings, chance, orders.downgrade(), ringing).await?;
        let address = line.address();
        tokio::spawn(line.run(received));
        Ok(Self { address, orders, incoming })
    }

    /// Its SIP address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Registers, and keeps the registration fresh from then on.
    ///
    /// # Errors
    /// Why it is not registered.
    pub async fn register(&self) -> Result<(), RegisterError> {
        let (done, result) = oneshot::channel();
        let _ = self.orders.send(Order::Register(done));
        result.await.unwrap_or(Err(RegisterError::NoAccount))
    }

    /// Calls a number of the server, or a `sip:` URI through it.
    ///
    /// # Errors
    /// When there is no port for its voice, or the phone is gone.
    pub async fn call(&self, number: &str) -> io::Result<Call> {
        let (made, call) = oneshot::channel();
        let _ = self.orders.send(Order::Call { number: number.to_owned(), made });
        call.await.unwrap_or_else(|_| Err(io::ErrorKind::NotConnected.into()))
    }

    /// The next call that rings here; `None` once the phone is gone.
    pub async fn incoming(&mut self) -> Option<Call> {
        self.incoming.recv().await
    }

    /// The phone's power is cut: sockets close, nobody is told.
    pub fn vanish(self) {
        let _ = self.orders.send(Order::Vanish);
    }
}
