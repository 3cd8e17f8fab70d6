//! How a request reaches a server: one small trait, and what wraps it.

mod address;
mod contract;
mod departure;
#[cfg(feature = "http")]
mod http;
mod pace_lock;
mod throttle;

pub use address::{Address, AddressError};
pub use contract::{Delivery, Request, Response, Transport, TransportError};
pub use departure::Departure;
#[cfg(feature = "http")]
pub use http::{Http, HttpOptions};
pub use pace_lock::PaceLock;
pub use throttle::Throttle;
