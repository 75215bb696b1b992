//! The "Test" buttons: at once what can be learned of an address.

use model::{
    AppError, Say,
    draft::NodeTest,
    finding::FindingState,
    ids::{DraftId, FindingKey},
    spec::{ClusterSpec, EntrySpec, NodeSpec},
};

use super::{Answered, Clusters, drafts::ENTRY_KEY};
use crate::{
    error,
    reach::Reach,
    records::NODE_TEST,
    survey::{NodeSurvey, Survey},
    trouble::Trouble,
};

impl Clusters {
    /// Tests one node of a draft: reachable, certificate, version, who we are, rights, clock.
    ///
    /// # Errors
    /// `node.unknown`, and those of the database; what is wrong with the node is in the answer.
    pub async fn test_node(&self, id: &DraftId, node_key: &str) -> Answered<NodeTest> {
        let draft = self.as_typed(id).await?;
        let typed = draft.node(node_key).ok_or_else(error::no_node)?;
        let test = match typed.node() {
            Err((field, fault)) => untested(&typed.address, self.now_ms(), fault.at(field)),
            Ok(node) => {
                let (account, second) = self.draft_account(id, &draft, typed).await?;
                match Reach::new(&self.outside, &node.address, &node.tls, account, second) {
                    Err(fault) => untested(&typed.address, self.now_ms(), Trouble::from(fault).app()),
                    Ok(reach) => self.look_at(node, reach).await,
                }
            }
        };
        self.keep_test(id, node_key, &test).await?;
        Ok(test)
    }

    /// Tests a draft's entry: reachable, certificate, where it sends docker for its token.
    ///
    /// # Errors
    /// Those of the database; what is wrong with the entry is in the answer.
    pub async fn test_entry(&self, id: &DraftId) -> Answered<NodeTest> {
        let draft = self.as_typed(id).await?;
        let test = match model::NodeAddress::parse(&draft.entry) {
            Err(fault) => untested(&draft.entry, self.now_ms(), AppError::from(fault).at("entry")),
            Ok(address) => {
                let entry = EntrySpec { address, tls: draft.entry_tls.clone() };
                self.look_at_entry(entry).await
            }
        };
        self.keep_test(id, ENTRY_KEY, &test).await?;
        Ok(test)
    }
}

fn untested(address: &str, at_ms: i64, problem: AppError) -> NodeTest {
    NodeTest {
        address: address.to_owned(),
        at_ms,
        problem: Some(problem),
        tls: None,
        latency_ms: None,
        version: None,
        who: None,
        rights_ok: false,
        rights: None,
        clock_offset_ms: None,
    }
}

impl Clusters {
    async fn keep_test(&self, id: &DraftId, key: &str, test: &NodeTest) -> Answered<()> {
        let state = if test.problem.is_none() { FindingState::Ok } else { FindingState::Failed };
        if let Some(key) = FindingKey::new(NODE_TEST, key) {
            self.store.findings().put(id.as_str(), &key, state, test, test.at_ms).await?;
        }
        Ok(())
    }

    async fn look_at(&self, node: NodeSpec, reach: Reach) -> NodeTest {
        let has_account = reach.account.is_some();
        let name = node.name.clone();
        let survey = NodeSurvey::new(node, reach);
        let place = survey.place();
        let (tls, basics) = tokio::join!(place.certificate(), survey.basics());
        let mut test = NodeTest {
            address: place.address().shown(),
            at_ms: self.now_ms(),
            problem: None,
            tls: tls.ok().flatten(),
            latency_ms: None,
            version: None,
            who: None,
            rights_ok: false,
            rights: None,
            clock_offset_ms: None,
        };
        let basics = match basics {
            Ok(basics) => basics,
            Err(trouble) => {
                // Without an account a Harbor from 2.13 on does not even tell its version.
                let missing = !has_account && trouble.is_refused();
                test.problem = Some(if missing { error::no_account(&name) } else { trouble.app() });
                return test;
            }
        };
        test.latency_ms = Some(basics.latency_ms);
        test.version = Some(basics.version.numbers());
        test.clock_offset_ms = basics.clock_offset_ms;
        if let Some(advice) = basics.version.support().advice()
            && !basics.version.support().usable()
        {
            test.problem = Some(AppError::new(
                "harbor.too_old",
                422,
                model::say!("It runs Harbor {}.", "它运行的是 Harbor {}。", basics.version),
                advice,
            ));
            return test;
        }
        match survey.account().await {
            Ok(account) => {
                test.who = Some(account.who.clone());
                test.rights_ok = account.missing.is_empty();
                test.rights = Some(rights(account.admin, &account.missing));
            }
            Err(_) if !has_account => test.problem = Some(error::no_account(&name)),
            Err(trouble) => test.problem = Some(trouble.app()),
        }
        test
    }

    async fn look_at_entry(&self, entry: EntrySpec) -> NodeTest {
        let shown = entry.address.shown();
        let spec = match model::names::ClusterName::parse("entry") {
            Ok(name) => ClusterSpec {
                name,
                topology: model::Topology::SharedStorage,
                nodes: Vec::new(),
                entry: Some(entry),
                replication: model::spec::ReplicationSpec::default(),
            },
            Err(fault) => return untested(&shown, self.now_ms(), fault),
        };
        let survey: Survey = match self.survey(spec, &std::collections::BTreeMap::new()) {
            Ok(survey) => survey,
            Err(fault) => return untested(&shown, self.now_ms(), fault),
        };
        let Some(entry) = survey.entry() else { return untested(&shown, self.now_ms(), error::no_node()) };
        let began = std::time::Instant::now();
        let answered = entry.fingerprint().await;
        let latency = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        let (tls, realm) = tokio::join!(entry.place().certificate(), entry.place().realm());
        let problem = answered.as_ref().err().or(realm.as_ref().err()).map(Trouble::app);
        NodeTest {
            address: shown,
            at_ms: self.now_ms(),
            latency_ms: problem.is_none().then_some(latency),
            problem,
            tls: tls.ok().flatten(),
            version: None,
            who: None,
            rights_ok: true,
            rights: realm.ok().map(|realm| model::say!("tokens from {realm}", "令牌来自 {realm}")),
            clock_offset_ms: None,
        }
    }
}

fn rights(admin: bool, missing: &[String]) -> Say {
    if admin {
        return model::say!("may do everything", "拥有全部权限");
    }
    if missing.is_empty() {
        return model::say!("has every right that is needed", "具备所需的全部权限");
    }
    let missing = missing.join(", ");
    model::say!("lacks {missing}", "缺少 {missing}")
}
