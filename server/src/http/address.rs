//! The address a request really came from.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

use crate::config::Network;

/// Walks `X-Forwarded-For` from the nearest hop outwards while each hop is a trusted proxy; the first that is
/// not is the client. Without trusted proxies the header is not read at all.
pub(crate) fn client_address(peer: SocketAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|n| n.contains(ip));
    let mut client = peer.ip().to_canonical();
    let hops = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .collect::<Vec<_>>()
        .join(",");
    for hop in hops.rsplit(',') {
        if !is_trusted(client) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(ip) => client = ip.to_canonical(),
            Err(_) => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|t| t.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn client_address_ignores_the_header_of_strangers() {
        assert_eq!(ask("203.0.113.9:1", &["1.1.1.1"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(ask("203.0.113.9:1", &["1.1.1.1"], &[]), "203.0.113.9");
    }

    #[test]
    fn client_address_stops_at_the_first_untrusted_hop() {
        assert_eq!(ask("10.0.0.1:1", &["6.6.6.6, 198.51.100.7, 10.0.0.2"], &["10.0.0.0/8"]), "198.51.100.7");
        assert_eq!(ask("10.0.0.1:1", &["6.6.6.6", "198.51.100.7"], &["10.0.0.0/8"]), "198.51.100.7");
        assert_eq!(ask("10.0.0.1:1", &["garbage"], &["10.0.0.0/8"]), "10.0.0.1");
    }
}
