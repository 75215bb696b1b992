use std::{fs, os::unix::fs::PermissionsExt};

use model::spec::CredentialKind;
use secrecy::{ExposeSecret, SecretString};
use store::{
    KeyRing,
    seal::{KEY_FILE, Place, Sealed},
    testing::for_each_db,
};

const HERE: Place<'static> = Place { table: "credentials", column: "secret", row: "a" };

#[test]
fn open_makes_a_file_that_only_its_owner_reads() {
    let dir = tempfile::tempdir().unwrap();
    let ring = KeyRing::open(&dir.path().join("data")).unwrap();
    assert_eq!(fs::metadata(ring.path()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(dir.path().join("data")).unwrap().permissions().mode() & 0o777, 0o700);
    let again = KeyRing::open(&dir.path().join("data")).unwrap();
    assert_eq!(again.current_id().unwrap(), ring.current_id().unwrap());
    assert_eq!(fs::read_dir(dir.path().join("data")).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn open_refuses_a_file_that_others_can_read() {
    let dir = tempfile::tempdir().unwrap();
    let ring = KeyRing::open(dir.path()).unwrap();
    fs::set_permissions(ring.path(), fs::Permissions::from_mode(0o640)).unwrap();
    let error = KeyRing::open(dir.path()).unwrap_err();
    assert_eq!(error.code(), "store.key_wide");
    assert!(error.to_string().contains("0640") && error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn open_refuses_what_is_not_a_key_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = KeyRing::open(dir.path()).unwrap().path().to_owned();
    let whole = fs::read_to_string(&path).unwrap();
    for broken in ["", "{}", &whole[..whole.len() / 2], &whole.replace("\"format\": 1", "\"format\": 2")] {
        fs::write(&path, broken).unwrap();
        assert_eq!(KeyRing::open(dir.path()).unwrap_err().code(), "store.key_damaged", "{broken:.20}");
    }
}

#[test]
fn unseal_refuses_other_places_other_texts_and_other_keys() {
    let dir = tempfile::tempdir().unwrap();
    let ring = KeyRing::open(dir.path()).unwrap();
    let secret = SecretString::from("Harbor12345");
    let sealed = ring.seal(HERE, &secret).unwrap();
    assert!(!sealed.as_str().contains("Harbor"));
    assert_ne!(sealed, ring.seal(HERE, &secret).unwrap(), "every sealing has a nonce of its own");
    assert_eq!(ring.unseal(HERE, &sealed).unwrap().expose_secret(), "Harbor12345");

    for other in
        [Place { row: "b", ..HERE }, Place { column: "username", ..HERE }, Place { table: "tokens", ..HERE }]
    {
        assert_eq!(ring.unseal(other, &sealed).unwrap_err().code(), "store.key_tampered", "{other}");
    }
    let flip = |at: usize| {
        let mut text = sealed.as_str().as_bytes().to_vec();
        text[at] = if text[at] == b'A' { b'B' } else { b'A' };
        Sealed::from(String::from_utf8(text).unwrap())
    };
    for at in [sealed.key_id().len() + 1, sealed.as_str().len() - 4] {
        assert_eq!(ring.unseal(HERE, &flip(at)).unwrap_err().code(), "store.key_tampered");
    }
    for short in ["k.", "k", ""] {
        let short = Sealed::from(short.replace('k', sealed.key_id()));
        assert!(ring.unseal(HERE, &short).is_err());
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let stranger = KeyRing::open(elsewhere.path()).unwrap();
    assert_eq!(stranger.unseal(HERE, &sealed).unwrap_err().code(), "store.key_missing");
}

#[test]
fn debug_shows_no_key() {
    let dir = tempfile::tempdir().unwrap();
    let ring = KeyRing::open(dir.path()).unwrap();
    let file = fs::read_to_string(dir.path().join(KEY_FILE)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&file).unwrap();
    let key = json["keys"][0]["key"].as_str().unwrap();
    assert!(key.len() > 40 && !format!("{ring:?}").contains(key));
}

#[tokio::test]
async fn rotate_seals_everything_again_and_another_process_goes_on() {
    for_each_db(async |db| {
        let credentials = db.store.credentials();
        let mut ids = Vec::new();
        for node in ["a", "b", "c"] {
            let secret = SecretString::from(format!("secret of {node}"));
            ids.push(credentials.put(node, CredentialKind::Robot, "robot$x", &secret).await.unwrap());
        }
        let running = db.reopen().await;
        let first = db.store.rotate_keys().await.unwrap();
        assert_eq!((first.resealed, first.kept.len()), (3, 2));
        // The other process has the old key in memory only, and finds the new one.
        for (id, node) in ids.iter().zip(["a", "b", "c"]) {
            let unsealed = running.credentials().unseal(id).await.unwrap();
            assert_eq!(unsealed.secret.expose_secret(), format!("secret of {node}"));
        }
        let fresh = running.credentials().put("d", CredentialKind::Robot, "r", &"x".into()).await.unwrap();
        let second = db.store.rotate_keys().await.unwrap();
        assert_eq!(second.resealed, 4);
        assert_eq!(
            second.kept,
            [first.key_id.clone(), second.key_id.clone()],
            "the first key of all is dropped"
        );
        assert_eq!(credentials.unseal(&fresh).await.unwrap().secret.expose_secret(), "x");
        running.close().await;
        db.reopen().await.close().await;
    })
    .await;
}
