//! Requests and answers as the handlers see them.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Value, json};

/// A request, read completely.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Path as sent.
    pub(crate) raw_path: String,
    /// Parts of the path, percent-decoded once; empty ones left out.
    pub(crate) segments: Vec<String>,
    /// Parameters in the order sent, decoded.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    pub(crate) fn new(method: Method, uri: &http::Uri, headers: HeaderMap, body: Bytes) -> Self {
        let raw_path = uri.path().to_owned();
        let segments = raw_path.split('/').filter(|s| !s.is_empty()).map(percent_decode).collect();
        let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let query = query.into_owned().collect();
        Self { method, raw_path, segments, query, headers, body }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The first value of a parameter.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let all = self.headers.get_all("cookie").iter().filter_map(|v| v.to_str().ok());
        all.flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(k, _)| *k == name)
            .map(|(_, v)| v.to_owned())
    }

    pub(crate) fn host(&self) -> &str {
        self.header("host").unwrap_or_default()
    }

    /// The JSON body of a call whose parameter is called `name` in the API's description.
    pub(crate) fn json(&self, name: &str) -> Result<Value, Refusal> {
        if self.body.is_empty() {
            return Err(Refusal::invalid(&format!("{name} in body is required")));
        }
        let kind = self.header("content-type").unwrap_or("application/octet-stream");
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if kind != "application/json" {
            let text = format!("unsupported media type \"{kind}\", only [application/json] are allowed");
            return Err(Refusal::invalid(&text));
        }
        serde_json::from_slice(&self.body).map_err(|_| {
            let first = self.body.iter().find(|b| !b.is_ascii_whitespace());
            let reason = match (first, self.body.iter().filter(|b| !b.is_ascii_whitespace()).nth(1)) {
                (Some(b'{'), Some(next)) if *next != b'"' => {
                    format!(
                        "invalid character '{}' looking for beginning of object key string",
                        char::from(*next)
                    )
                }
                (Some(first), _) if !b"{[\"".contains(first) => {
                    format!("invalid character '{}' looking for beginning of value", char::from(*first))
                }
                _ => "unexpected EOF".to_owned(),
            };
            Refusal::invalid(&format!("parsing {name} body from \"\" failed, because {reason}"))
        })
    }
}

/// `%2F` → `/`, once.
pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let decoded = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok()))
            .flatten();
        match decoded {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What a handler answers.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    /// Made before the session part: sets no cookie.
    pub(crate) bare: bool,
}

impl Reply {
    /// Status and nothing else.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, content_type: None, headers: Vec::new(), body: Bytes::new(), bare: false }
    }

    /// What a successful change answers.
    pub(crate) fn ok() -> Self {
        Self::empty(200)
    }

    pub(crate) fn json(value: &Value) -> Self {
        Self::typed(200, "application/json", format!("{value}\n"))
    }

    pub(crate) fn typed(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { content_type: Some(content_type.to_owned()), body: body.into(), ..Self::empty(status) }
    }

    /// 201 whose Location is `<path>/<id>`.
    pub(crate) fn created(request: &Request, id: impl std::fmt::Display) -> Self {
        let path = request.raw_path.trim_end_matches('/');
        Self::empty(201).with("location", format!("{path}/{id}"))
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// A page as nginx or the portal sends it.
    pub(crate) fn html(status: u16, title: &str) -> Self {
        let body = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
             <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        );
        Self::typed(status, "text/html", body).bare()
    }
}

/// An error answer: `{"errors":[{"code":…,"message":…}]}`.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// 400.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "BAD_REQUEST", message)
    }

    /// 401.
    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "UNAUTHORIZED", "unauthorized")
    }

    /// 403.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, "FORBIDDEN", message)
    }

    /// 404 `<what> <id> not found`.
    pub(crate) fn missing(what: &str, id: impl std::fmt::Display) -> Self {
        Self::new(404, "NOT_FOUND", format!("{what} {id} not found"))
    }

    /// 409.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, "CONFLICT", message)
    }

    /// 412.
    pub(crate) fn precondition(message: impl Into<String>) -> Self {
        Self::new(412, "PRECONDITION", message)
    }

    /// 422 of the description's checks.
    pub(crate) fn invalid(message: &str) -> Self {
        Self::new(422, "UNPROCESSABLE_ENTITY", format!("validation failure list:\n{message}"))
    }

    /// 422 of a check inside the body: Harbor repeats the heading.
    pub(crate) fn invalid_body(message: &str) -> Self {
        Self::invalid(&format!("validation failure list:\n{message}"))
    }

    /// Everything from 500 on is masked.
    pub(crate) fn internal() -> Self {
        Self::masked(500)
    }

    /// A masked error with the status of the peer that caused it.
    pub(crate) fn masked(status: u16) -> Self {
        Self::new(status, "UNKNOWN", "internal server error")
    }

    pub(crate) fn reply(&self) -> Reply {
        let body = json!({"errors": [{"code": self.code, "message": self.message}]});
        Reply::typed(self.status, "application/json; charset=utf-8", format!("{body}\n"))
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        refusal.reply()
    }
}

/// What every handler returns.
pub(crate) type Answer = Result<Reply, Refusal>;
