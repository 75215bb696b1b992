//! Where ids come from.

/// A new id that sorts after every earlier one of this process: `new_id::<RunId>()`.
pub fn new_id<T>() -> T
where
    T: TryFrom<String>,
    T::Error: std::fmt::Debug,
{
    let text = uuid::Uuid::now_v7().hyphenated().to_string();
    T::try_from(text).expect("a UUIDv7 in hyphenated lower case is an id of every kind")
}
