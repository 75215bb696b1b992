//! Columns that are text in the database and a type of `model` in Rust.

use model::{
    Locale, Topology,
    drift::Kind,
    finding::FindingState,
    health::HealthState,
    ids::{
        AcceptanceId, ClusterId, CredentialId, DraftId, LeftoverId, NodeId, PageId, PairId, PlanId, RunId,
        SessionId, ShareLinkId, TokenId, UserId,
    },
    names::{ClusterName, LinkName, NodeName},
    people::{Role, UserName},
    rule::ExecutionState,
    run::{RunState, StepState},
    spec::CredentialKind,
};
use serde::de::{DeserializeOwned, value::StrDeserializer};
use serde_json::Value;
use sqlx::{Database, Decode, Type};

use crate::{Result, StoreError};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a text column can be read as.
pub(crate) trait FromText: Sized {
    fn from_text(text: String) -> std::result::Result<Self, BoxError>;
}

/// A text column, read as `T`.
pub(crate) struct Text<T>(pub(crate) T);

/// A text column that may be null, read as `T`.
pub(crate) struct MaybeText<T>(pub(crate) Option<T>);

impl<DB: Database, T> Type<DB> for Text<T>
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <String as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <String as Type<DB>>::compatible(ty)
    }
}

impl<DB: Database, T> Type<DB> for MaybeText<T>
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <String as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <String as Type<DB>>::compatible(ty)
    }
}

impl<'r, DB: Database, T: FromText> Decode<'r, DB> for Text<T>
where
    String: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> std::result::Result<Self, BoxError> {
        T::from_text(String::decode(value)?).map(Self)
    }
}

impl<'r, DB: Database, T: FromText> Decode<'r, DB> for MaybeText<T>
where
    Option<String>: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> std::result::Result<Self, BoxError> {
        Option::<String>::decode(value)?.map(T::from_text).transpose().map(Self)
    }
}

impl<T> From<MaybeText<T>> for Option<T> {
    fn from(column: MaybeText<T>) -> Self {
        column.0
    }
}

macro_rules! text_columns {
    ($read:expr => $($name:ty),* $(,)?) => { $(
        impl FromText for $name {
            fn from_text(text: String) -> std::result::Result<Self, BoxError> {
                $read(&text)
            }
        }
        impl From<Text<$name>> for $name {
            fn from(column: Text<$name>) -> Self {
                column.0
            }
        }
    )* };
}

text_columns!(parsed => AcceptanceId, ClusterId, CredentialId, DraftId, LeftoverId, NodeId, PageId, PairId, PlanId, RunId, SessionId, ShareLinkId, TokenId, UserId);
text_columns!(parsed => ClusterName, LinkName, NodeName, UserName);
text_columns!(named => CredentialKind, ExecutionState, FindingState, HealthState, Kind, Locale, Role, RunState, StepState, Topology);
text_columns!(json => Value);

fn parsed<T: TryFrom<String>>(text: &str) -> std::result::Result<T, BoxError>
where
    T::Error: Into<BoxError>,
{
    T::try_from(text.to_owned()).map_err(Into::into)
}

/// Enums of `model` stand in the database under the names they have in JSON.
fn named<T: DeserializeOwned>(text: &str) -> std::result::Result<T, BoxError> {
    let name: StrDeserializer<'_, serde::de::value::Error> =
        serde::de::IntoDeserializer::into_deserializer(text);
    T::deserialize(name).map_err(Into::into)
}

fn json(text: &str) -> std::result::Result<Value, BoxError> {
    serde_json::from_str(text).map_err(Into::into)
}

/// The name under which an enum of `model` stands in the database.
pub(crate) fn name_of<T: serde::Serialize>(word: &T) -> Result<String> {
    match serde_json::to_value(word) {
        Ok(Value::String(name)) => Ok(name),
        _ => Err(StoreError::Internal("an enum that is not a word".into())),
    }
}

/// JSON as text, for binding.
pub(crate) fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::Internal(Box::new(e)))
}

/// JSON from a row as a type of the caller's.
pub(crate) fn from_json<T: DeserializeOwned>(value: &Value, what: &str) -> Result<T> {
    T::deserialize(value).map_err(|e| StoreError::Corrupt { what: format!("{what}: {e}") })
}
