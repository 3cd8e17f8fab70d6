//! How a request reaches a server: one small trait, and what wraps it.

mod address;
mod body;
mod contract;
mod departure;
#[cfg(feature = "http")]
mod http;
mod pace_lock;
mod reading;
mod throttle;

pub use address::{Address, AddressError};
pub use body::Body;
pub use contract::{Delivery, Method, Request, Response, Transport, TransportError};
pub use departure::Departure;
#[cfg(feature = "http")]
pub use http::{Http, HttpOptions};
pub use pace_lock::PaceLock;
pub use reading::FileError;
pub use throttle::Throttle;
