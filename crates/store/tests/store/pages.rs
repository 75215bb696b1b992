use model::{Locale, ids::ShareLinkId, page::LinkName};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use store::{share_links::NewShareLink, testing::for_each_db};

#[tokio::test]
async fn save_refuses_a_version_that_is_past_and_a_slug_that_is_taken() {
    for_each_db(async |db| {
        let pages = db.store.pages();
        let first = pages.insert("team", &json!({"n": 1})).await.unwrap();
        assert_eq!(pages.insert("team", &json!({})).await.unwrap_err().code(), "store.conflict");
        let other = pages.insert("other", &json!({})).await.unwrap();

        let saved = pages.save(&first.id, 1, "team", &json!({"n": 2})).await.unwrap();
        assert_eq!((saved.version, saved.body_as::<Value>().unwrap()), (2, json!({"n": 2})));
        let code =
            async |id, version, slug| pages.save(id, version, slug, &json!({})).await.unwrap_err().code();
        assert_eq!(code(&first.id, 1, "team").await, "store.conflict");
        assert_eq!(code(&other.id, 1, "team").await, "store.conflict");
        pages.remove(&other.id).await.unwrap();
        assert_eq!(code(&other.id, 1, "x").await, "store.not_found");
        assert_eq!(pages.list().await.unwrap(), [pages.get(&first.id).await.unwrap()]);
    })
    .await;
}

#[tokio::test]
async fn links_count_who_looked_and_go_with_their_page() {
    for_each_db(async |db| {
        let (pages, links) = (db.store.pages(), db.store.share_links());
        let page = pages.insert("team", &json!({})).await.unwrap();
        let (name, password) = (LinkName::parse("研发").unwrap(), SecretString::from("phc"));
        let new = |token_hash, page| NewShareLink {
            token_hash,
            page,
            name: &name,
            locale: Some(Locale::Zh),
            password_hash: Some(&password),
            expires_ms: Some(9),
        };
        let made = links.insert(new("a", &page.id)).await.unwrap();
        assert_eq!(links.insert(new("a", &page.id)).await.unwrap_err().code(), "store.conflict");
        let nowhere = store::new_id();
        assert_eq!(links.insert(new("b", &nowhere)).await.unwrap_err().code(), "store.not_found");

        links.seen(&made.link.id, 3, 70).await.unwrap();
        links.seen(&made.link.id, 1, 80).await.unwrap();
        let found = links.list().await.unwrap().remove(0);
        assert_eq!(found.password_hash.unwrap().expose_secret(), "phc");
        let link = found.link;
        assert_eq!((link.views, link.seen_ms, link.locale), (4, Some(80), Some(Locale::Zh)));
        assert!(link.has_password && link.is_live(8) && !link.is_live(9));

        let second = links.insert(new("c", &page.id)).await.unwrap();
        links.remove(&second.link.id).await.unwrap();
        assert_eq!(links.remove(&second.link.id).await.unwrap_err().code(), "store.not_found");
        links.seen(&store::new_id::<ShareLinkId>(), 1, 1).await.unwrap();
        pages.remove(&page.id).await.unwrap();
        assert!(links.list().await.unwrap().is_empty());
    })
    .await;
}
