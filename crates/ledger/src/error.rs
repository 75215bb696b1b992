//! Why a comparison could not be made.

use harbor::HarborError;
use model::names::NodeName;
use store::StoreError;

/// Why a comparison ended early. What was compared until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A Harbor refused, or did not answer.
    #[error("{node}: {error}")]
    Harbor {
        /// Which.
        node: NodeName,
        /// Why.
        error: HarborError,
    },
    /// The console's own database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
