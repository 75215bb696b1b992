use proptest::prelude::*;

use super::*;

fn origin(text: &str) -> String {
    NodeAddress::parse(text).map_or_else(|e| e.code().to_owned(), |a| a.origin())
}

#[test]
fn parse_understands_pasted_text() {
    for (text, expected) in [
        ("harbor.example.com", "https://harbor.example.com"),
        ("  Harbor.Example.COM \n", "https://harbor.example.com"),
        ("harbor.example.com:8443", "https://harbor.example.com:8443"),
        ("harbor.example.com:443", "https://harbor.example.com"),
        ("harbor.example.com:80", "http://harbor.example.com"),
        ("http://harbor.example.com:80/", "http://harbor.example.com"),
        ("https://harbor.example.com:80", "https://harbor.example.com:80"),
        ("https://harbor.example.com/", "https://harbor.example.com"),
        ("HTTPS://harbor.example.com./", "https://harbor.example.com"),
        ("https://h/harbor/projects/1/repositories?x=1#y", "https://h"),
        ("https://h/account/sign-in?redirect_url=%2Fharbor%2Fprojects", "https://h"),
        ("https://h/api/v2.0/ping", "https://h"),
        ("https://h?x=1", "https://h"),
        ("<https://h>", "https://h"),
        ("10.0.0.7:8080", "https://10.0.0.7:8080"),
        ("[2001:DB8:0::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://[::1]", "http://[::1]"),
        ("2001:db8::1", "https://[2001:db8::1]"),
        ("my_harbor", "https://my_harbor"),
        ("h:", "https://h"),
    ] {
        assert_eq!(origin(text), expected, "{text}");
    }
}

#[test]
fn parse_refuses_what_is_no_address_and_says_why() {
    for (text, code) in [
        ("", "address.empty"),
        ("  ", "address.empty"),
        ("ftp://h", "address.scheme"),
        ("oci://h/library", "address.scheme"),
        ("https://admin:Harbor12345@h", "address.credentials"),
        ("admin@h", "address.credentials"),
        ("https://admin:a/b@h", "address.credentials"),
        ("https://h/registry", "address.path"),
        ("h/library/nginx:1", "address.path"),
        ("https://", "address.host"),
        ("https://-h", "address.host"),
        ("https://h..x", "address.host"),
        ("https://h h", "address.host"),
        ("https://10.1", "address.host"),
        ("https://10.0.0.256", "address.host"),
        ("https://[::1", "address.host"),
        ("https://[fe80::1%25eth0]", "address.host"),
        ("https://[1.2.3.4]", "address.host"),
        ("h:0", "address.port"),
        ("h:65536", "address.port"),
        ("javascript:alert(1)", "address.port"),
        ("h:+80", "address.port"),
    ] {
        assert_eq!(origin(text), code, "{text}");
    }
}

#[test]
fn credentials_error_never_repeats_the_secret() {
    let error = NodeAddress::parse("https://admin:Harbor12345@h").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Harbor12345"));
}

#[test]
fn parse_turns_an_international_name_into_its_ascii_form_and_shows_the_letters() {
    let address = NodeAddress::parse("https://Bücher.例え.example:8443/harbor").unwrap();
    assert_eq!(address.origin(), "https://xn--bcher-kva.xn--r8jz45g.example:8443");
    assert_eq!(address.shown(), "https://bücher.例え.example:8443");
    // Both Unicode writings of the same letter are one name.
    assert_eq!(NodeAddress::parse("bu\u{308}cher.例え.example:8443").unwrap(), address);
    assert_eq!(origin("a\u{200e}b.example"), "address.international");
}

#[test]
fn shown_host_keeps_labels_that_decode_to_nothing_readable() {
    for host in ["xn--", "xn--99999999", "xn--a"] {
        if let Ok(address) = NodeAddress::parse(host) {
            assert_eq!(address.shown_host(), host);
        }
    }
}

#[test]
fn equality_ignores_case_and_default_port() {
    assert_eq!(NodeAddress::parse("https://H:443/"), NodeAddress::parse("h"));
    assert_ne!(NodeAddress::parse("http://h"), NodeAddress::parse("https://h"));
}

proptest! {
    #[test]
    fn parse_never_panics(text in "\\PC{0,80}") {
        let _ = NodeAddress::parse(&text);
    }

    #[test]
    fn origin_parses_to_the_same_address(host in "[a-z0-9.-]{1,20}(ü|例)?[a-z]{1,3}", port in proptest::option::of(1u16..), tls: bool) {
        let scheme = if tls { "https" } else { "http" };
        let text = port.map_or_else(|| format!("{scheme}://{host}"), |p| format!("{scheme}://{host}:{p}"));
        if let Ok(address) = NodeAddress::parse(&text) {
            prop_assert_eq!(&NodeAddress::parse(&address.origin()).unwrap(), &address);
            prop_assert!(address.origin().is_ascii());
            let json = serde_json::to_string(&address).unwrap();
            prop_assert_eq!(serde_json::from_str::<NodeAddress>(&json).unwrap(), address);
        }
    }
}

#[test]
fn without_credentials_leaves_everything_else_as_it_was_typed() {
    for (typed, kept) in [
        ("https://admin:hunter2@harbor.example.com/harbor", "https://harbor.example.com/harbor"),
        ("admin:p@ss@harbor.example.com", "harbor.example.com"),
        ("https://harbor.example.com/a@b", "https://harbor.example.com/a@b"),
        (" harbor ", " harbor "),
    ] {
        assert_eq!(without_credentials(typed), kept);
    }
}
