//! XML-RPC as bytes: values, and the documents they travel in. No IO.

mod fault;
mod value;

pub use fault::Fault;
pub use value::{Name, Struct, Value};
