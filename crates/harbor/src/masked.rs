//! Request bodies as people may see them.

use serde::Serialize;
use serde_json::Value;

const SECRETS: [&str; 3] = ["access_secret", "secret", "password"];

/// A request body with every secret replaced by stars, for plans and receipts.
pub fn masked(body: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(body).unwrap_or(Value::Null);
    mask(&mut value);
    value
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if SECRETS.contains(&key.as_str()) => "*****".clone_into(text),
                    other => mask(other),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(mask),
        _ => {}
    }
}
