//! How wrong passwords and codes slow things down.
//!
//! Three counts, each with tries that nobody has to wait for; beyond them the wait doubles from one second to five
//! minutes. The pair of account and network stops the ordinary guesser; the network alone, who tries many names;
//! the account alone, who comes from many networks. From where a person is signed in already, the account's own
//! count does not apply: a stranger cannot keep its owner out. Nobody is ever barred for good.

use std::net::{IpAddr, Ipv6Addr};

use crate::{Access, AccessError, Result};

/// After this much quiet a count begins anew.
pub(crate) const FORGET: i64 = 60 * 60_000;
/// Longest wait: slow enough against guessing, short enough for who mistyped.
const LONGEST_WAIT: i64 = 5 * 60_000;

/// Free tries of a pair of account and network.
const FREE: i64 = 5;
/// Free tries of a network: an office may stand behind one address.
const FREE_OF_NETWORK: i64 = 30;
/// Free tries of an account from everywhere.
const FREE_OF_ACCOUNT: i64 = 60;

/// A count that a try belongs to.
pub(crate) struct Limit {
    subject: String,
    free: i64,
}

/// A try that was let through and counted as failed until it is known better.
pub(crate) struct Attempt(Vec<Limit>);

/// The counts of a try to sign in. `known` leaves the account's own count out.
pub(crate) fn sign_in(account: &str, address: &str, known: bool) -> Vec<Limit> {
    let network = network(address);
    let mut limits = vec![
        Limit { subject: format!("{account}@{network}"), free: FREE },
        Limit { subject: format!("@{network}"), free: FREE_OF_NETWORK },
    ];
    if !known {
        limits.push(Limit { subject: format!("{account}@"), free: FREE_OF_ACCOUNT });
    }
    limits
}

/// The count of a try to use a one-time code.
pub(crate) fn code(kind: &str, address: &str) -> Vec<Limit> {
    vec![Limit { subject: format!("{kind}:@{}", network(address)), free: FREE }]
}

/// What one customer of a provider has: an IPv4 address, or 64 bits of an IPv6 one. Anything else stays as it is.
pub(crate) fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.to_string(),
        Ok(IpAddr::V6(ip)) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).to_string(),
        Err(_) => address.to_owned(),
    }
}

impl Access {
    /// Lets a try through, or tells how long to wait.
    pub(crate) async fn attempt(&self, limits: Vec<Limit>) -> Result<Attempt> {
        let failures = self.store.login_failures();
        for (i, limit) in limits.iter().enumerate() {
            let tried = failures.attempt(&limit.subject, FORGET, |n| wait_after(n, limit.free)).await?;
            if let Err(must) = tried {
                self.uncount(&limits[..i]).await?;
                return Err(AccessError::Slowed { wait_ms: must.wait_ms });
            }
        }
        Ok(Attempt(limits))
    }

    /// The try was right, and takes back no other: who has one of the things that are guessed may still guess another.
    pub(crate) async fn forgive(&self, attempt: Attempt) -> Result<()> {
        self.uncount(&attempt.0).await
    }

    async fn uncount(&self, limits: &[Limit]) -> Result<()> {
        for limit in limits {
            self.store.login_failures().forgive(&limit.subject, 1).await?;
        }
        Ok(())
    }

    /// The try was right: the first count begins anew, and the wider ones lose what it held, since whoever gets in
    /// after mistyping was no guesser.
    pub(crate) async fn succeeded(&self, attempt: Attempt) -> Result<()> {
        let failures = self.store.login_failures();
        let Some((first, wider)) = attempt.0.split_first() else { return Ok(()) };
        let tries = failures.get(&first.subject).await?.map_or(1, |f| f.failures);
        failures.clear(&first.subject).await?;
        for limit in wider {
            failures.forgive(&limit.subject, tries).await?;
        }
        Ok(())
    }
}

/// Milliseconds to wait after so many failures in a row.
fn wait_after(failures: i64, free: i64) -> i64 {
    match failures - free {
        beyond if beyond < 0 => 0,
        beyond => (1000_i64 << beyond.min(20)).min(LONGEST_WAIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_after_grows_and_ends() {
        assert_eq!(wait_after(4, 5), 0);
        assert_eq!(wait_after(5, 5), 1000);
        assert_eq!(wait_after(8, 5), 8000);
        assert_eq!(wait_after(1000, 5), LONGEST_WAIT);
    }

    #[test]
    fn network_is_what_one_customer_has() {
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("unix"), "unix");
    }
}
