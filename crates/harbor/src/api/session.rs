//! Sessions, by hand: the client keeps no cookies, but the probes of shared storage need to know whether two
//! nodes share sessions and the CSRF key.
//!
//! The first answer sets `sid`; a request that carries it gets `_gorilla_csrf` and the token; the sign-in needs
//! all three and gives a new `sid`.

use bytes::Bytes;
use reqwest::{
    Method,
    header::{HeaderName, SET_COOKIE},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Harbor, HarborError,
    api::identity::User,
    encode,
    inventory::calls,
    send::{Answer, Ask},
};

/// A session of Harbor's with its CSRF pair; signed in or not yet. Both values are secrets.
#[derive(Clone, Debug)]
pub struct Session {
    sid: SecretString,
    csrf_cookie: SecretString,
    csrf_token: SecretString,
}

/// What a sign-in with foreign CSRF values says about the CSRF key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsrfVerdict {
    /// The pair was taken: the key is the same.
    Same,
    /// The pair was refused: the key differs.
    Differs,
}

const TOKEN: HeaderName = HeaderName::from_static("x-harbor-csrf-token");

impl Session {
    fn cookies(&self) -> SecretString {
        format!("sid={}; _gorilla_csrf={}", self.sid.expose_secret(), self.csrf_cookie.expose_secret()).into()
    }
}

fn cookie(answer: &Answer, name: &str) -> Option<SecretString> {
    let set = answer.headers.get_all(SET_COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut values =
        set.filter_map(|line| line.split(';').next()?.trim().strip_prefix(name)?.strip_prefix('='));
    values.next_back().map(SecretString::from)
}

fn missing(what: &str) -> HarborError {
    HarborError::Garbled(format!("no {what} was set"))
}

fn form(session: &Session, username: &str, password: &SecretString) -> Ask {
    debug_assert_eq!(calls::LOGIN.method, Method::POST);
    let body =
        format!("principal={}&password={}", encode::once(username), encode::once(password.expose_secret()));
    Ask::new(&calls::LOGIN)
        .bytes(Bytes::from(body), "application/x-www-form-urlencoded")
        .with_cookies(session.cookies())
        .header(TOKEN, session.csrf_token.expose_secret())
}

impl Harbor {
    /// A session that nobody is signed in to, with its CSRF pair.
    ///
    /// # Errors
    /// [`HarborError::Garbled`] where the node sets no such cookies.
    pub async fn open_session(&self) -> Result<Session, HarborError> {
        let first = self.send(Ask::new(&calls::SYSTEMINFO).by_nobody()).await?;
        let sid = cookie(&first, "sid").ok_or_else(|| missing("sid cookie"))?;
        let cookies = format!("sid={}", sid.expose_secret());
        let second = self.send(Ask::new(&calls::SYSTEMINFO).with_cookies(cookies.into())).await?;
        let csrf_cookie = cookie(&second, "_gorilla_csrf").ok_or_else(|| missing("_gorilla_csrf cookie"))?;
        let csrf_token = second.header(TOKEN.as_str()).ok_or_else(|| missing("CSRF token"))?.into();
        Ok(Session { sid, csrf_cookie, csrf_token })
    }

    /// Signs in and gives the session; the person's name and password are sent once.
    ///
    /// # Errors
    /// [`HarborError::Unauthorized`] where the password is wrong.
    pub async fn sign_in(&self, username: &str, password: &SecretString) -> Result<Session, HarborError> {
        let opened = self.open_session().await?;
        let answer = self.send(form(&opened, username, password)).await?;
        let sid = cookie(&answer, "sid").ok_or_else(|| missing("sid cookie"))?;
        Ok(Session { sid, ..opened })
    }

    /// Who a session belongs to, asked at this node. With a session of another node this tells whether the two
    /// share their sessions.
    ///
    /// # Errors
    /// [`HarborError::Unauthorized`] where this node does not know the session.
    pub async fn session_user(&self, session: &Session) -> Result<User, HarborError> {
        self.send(Ask::new(&calls::USERS_CURRENT).with_cookies(session.cookies())).await?.json()
    }

    /// Whether this node takes the CSRF pair of another: a sign-in of a user that does not exist is 401 with a good
    /// pair and 403 with a foreign one. No real account is touched.
    ///
    /// # Errors
    /// Whatever else the node answers.
    pub async fn judge_csrf(&self, foreign: &Session) -> Result<CsrfVerdict, HarborError> {
        let nobody = format!("breakwater-probe-{}", uuid::Uuid::now_v7().simple());
        match self.send(form(foreign, &nobody, &SecretString::from("no-such-password"))).await {
            Err(HarborError::Unauthorized) => Ok(CsrfVerdict::Same),
            Err(HarborError::Forbidden(_)) => Ok(CsrfVerdict::Differs),
            Ok(_) => Err(HarborError::Unexpected(200)),
            Err(other) => Err(other),
        }
    }

    /// Ends a session.
    ///
    /// # Errors
    /// As any call.
    pub async fn sign_out(&self, session: &Session) -> Result<(), HarborError> {
        self.send(Ask::new(&calls::LOGOUT).with_cookies(session.cookies())).await.map(drop)
    }
}
