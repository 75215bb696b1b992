use store::testing::for_each_db;

#[tokio::test]
async fn set_replaces_and_get_reads_back() {
    for_each_db(async |db| {
        let settings = db.store.settings();
        assert_eq!(settings.get::<String>("address").await.unwrap(), None);
        settings.set("address", &"https://a").await.unwrap();
        settings.set("address", &"https://b").await.unwrap();
        assert_eq!(settings.get::<String>("address").await.unwrap().as_deref(), Some("https://b"));
        assert_eq!(settings.get::<i64>("address").await.unwrap_err().code(), "store.corrupt");
    })
    .await;
}

#[tokio::test]
async fn set_if_absent_and_remove_tell_who_was_first() {
    for_each_db(async |db| {
        let settings = db.store.settings();
        assert!(settings.set_if_absent("code", &1).await.unwrap());
        assert!(!settings.set_if_absent("code", &2).await.unwrap());
        assert_eq!(settings.get::<i64>("code").await.unwrap(), Some(1));
        let (a, b) = tokio::join!(settings.remove("code"), settings.remove("code"));
        assert!(a.unwrap() ^ b.unwrap(), "exactly one of two took it away");
    })
    .await;
}
