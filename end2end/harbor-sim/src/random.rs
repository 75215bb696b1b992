//! Ids and secrets.

/// `bytes` random bytes as hexadecimal.
pub(crate) fn hex(bytes: usize) -> String {
    let mut data = vec![0u8; bytes];
    // Without a source of randomness the ids would only be guessable, which a simulator can live with.
    let _ = getrandom::fill(&mut data);
    data.iter().map(|b| format!("{b:02x}")).collect()
}

/// A robot's secret: 32 characters with upper, lower and digit.
pub(crate) fn secret() -> String {
    format!("Rb1{}", &hex(16)[..29])
}
