//! JSON bodies of server functions, read by the same code that reads what a page brings with it.
//!
//! `server_fn`'s own JSON reads bytes, Leptos' resources read text: with both, the browser would carry each type's
//! reader twice.

use leptos::server_fn::{ContentType, Decodes, Encodes, Format, FormatType, codec::Post};
use serde::{Serialize, de::DeserializeOwned};

/// The encoding of arguments and answers.
pub type Body = Post<JsonText>;

/// JSON as text.
pub struct JsonText;

/// Why a body could not be written or read.
#[derive(Debug)]
pub struct BadBody(String);

impl std::fmt::Display for BadBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = BadBody;

    fn encode(output: &T) -> Result<bytes::Bytes, BadBody> {
        serde_json::to_string(output).map(bytes::Bytes::from).map_err(|e| BadBody(e.to_string()))
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = BadBody;

    fn decode(bytes: bytes::Bytes) -> Result<T, BadBody> {
        let text = std::str::from_utf8(&bytes).map_err(|e| BadBody(e.to_string()))?;
        serde_json::from_str(text).map_err(|e| BadBody(e.to_string()))
    }
}
