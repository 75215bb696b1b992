//! Secrets that we make, and their hashes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::{AccessError, Result};

/// A secret of 256 bits as 43 characters that fit into a cookie or a header.
pub(crate) fn token() -> Result<SecretString> {
    let mut bytes = [0_u8; 32];
    fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

/// A secret of 128 bits as 22 characters that fit into an address.
pub(crate) fn link() -> Result<SecretString> {
    let mut bytes = [0_u8; 16];
    fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

/// A code of 80 bits that a person reads from a terminal: four groups of four, without letters that look alike.
pub(crate) fn code() -> Result<SecretString> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut bytes = [0_u8; 16];
    fill(&mut bytes)?;
    let mut text = String::with_capacity(19);
    for (i, byte) in bytes.iter().enumerate() {
        if i > 0 && i % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Ok(text.into())
}

/// A code as a person may type it: any case, with or without hyphens and blanks.
pub(crate) fn normal_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// Lower-case hexadecimal SHA-256. Enough for secrets of ours, which cannot be guessed.
pub(crate) fn sha256(secret: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(secret).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn fill(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|_| AccessError::Crypto("no random numbers"))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn code_reads_back_however_it_is_typed() {
        let code = code().unwrap();
        let code = code.expose_secret();
        assert_eq!(code.len(), 19);
        assert_eq!(normal_code(&code.to_lowercase().replace('-', " ")), normal_code(code));
    }

    #[test]
    fn token_never_repeats_and_hashes_to_hex() {
        let (a, b) = (token().unwrap(), token().unwrap());
        assert_ne!(a.expose_secret(), b.expose_secret());
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
