//! The source reaches the destination as the source's own Harbor sees it: not from here, but from its container.

use async_trait::async_trait;
use model::{Say, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check, each_link};
use crate::survey::{PeerPing, Survey};

pub(super) struct LinkReach;

#[async_trait]
impl Check for LinkReach {
    fn id(&self) -> &'static str {
        "link-reach"
    }

    fn title(&self, subject: &Subject) -> Say {
        match subject {
            Subject::Link { source, destination } => say!(
                "{source} reaches {destination}, as its Harbor sees it",
                "从 {source} 的 Harbor 能到达 {destination}"
            ),
            _ => say!("The source reaches the destination", "源端能到达目标端"),
        }
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        each_link(spec)
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some((source, destination)) = survey.link_of(subject) else { return Survey::gone() };
        let (from, to) = (source.name(), destination.name());
        let address = destination.place().address().shown();
        match source.ping_peer(destination).await {
            PeerPing::Reached(ms) => Answer::ok(say!("answered in {ms} ms", "{ms} 毫秒内应答")),
            PeerPing::Unhealthy => Answer::failed(
                say!("{from} gets no Harbor's answer from {address}", "{from} 从 {address} 得不到 Harbor 的应答"),
                say!("Rules on it would fail.", "其上的规则会失败。"),
            )
            .cured_at(
                say!(
                    "Give an address of {to} that is a Harbor as seen from {from} too.",
                    "请为 {to} 填写从 {from} 看也是 Harbor 的地址。"
                ),
                to,
            ),
            PeerPing::Unreached => Answer::failed(
                say!("{from} cannot connect to {address}", "{from} 无法连接 {address}"),
                say!("Rules on it would fail.", "其上的规则会失败。"),
            )
            .cured_at(
                say!(
                    "From the machine of {from}, check: the name resolves inside Harbor's containers, the port is open, the certificate is trusted.",
                    "请在 {from} 的机器上检查：容器内能解析该主机名、端口开放、证书可信。"
                ),
                to,
            ),
            PeerPing::Silent(seconds) => Answer::failed(
                say!(
                    "{from} gets no answer from {address} within {seconds} s",
                    "{from} 在 {seconds} 秒内没有从 {address} 得到应答"
                ),
                say!("Something between swallows the connection.", "中间有设备丢弃了连接。"),
            )
            .cured_at(
                say!("Open the firewall from {from} to {to}.", "请打开从 {from} 到 {to} 的防火墙。"),
                to,
            ),
            PeerPing::NotAsked(trouble) => Answer::unread(from, &trouble),
        }
    }
}
