//! What a person reads when an address is refused.

use super::AddressError;
use crate::{AppError, say};

impl From<AddressError> for AppError {
    fn from(error: AddressError) -> Self {
        let (cause, next) = match &error {
            AddressError::Empty => (
                say!("There is no address.", "没有填写地址。"),
                say!(
                    "Type the host name, or paste a link into its portal.",
                    "请输入主机名，或粘贴其门户的链接。"
                ),
            ),
            AddressError::Scheme(scheme) => (
                say!("“{scheme}” is neither http nor https.", "“{scheme}”既不是 http 也不是 https。"),
                say!(
                    "Harbor is reached by http or https; leave out anything else.",
                    "Harbor 只能通过 http 或 https 访问，请去掉其他协议。"
                ),
            ),
            AddressError::Credentials => (
                say!("The address carries a user name or password.", "地址中带有用户名或密码。"),
                say!(
                    "Take them out here and type them in their own fields.",
                    "请从地址中去掉，填写到各自的输入框。"
                ),
            ),
            AddressError::Path(path) => (
                say!("The path “{path}” is not one of Harbor's own.", "路径“{path}”不是 Harbor 自己的路径。"),
                say!(
                    "Harbor must own the root of its name: give the address without a path.",
                    "Harbor 必须占用域名的根路径，请填写不带路径的地址。"
                ),
            ),
            AddressError::Host(host) => (
                say!("“{host}” is not a host name or IP address.", "“{host}”不是主机名或 IP 地址。"),
                say!(
                    "Check the spelling; an IPv6 address stands in square brackets.",
                    "请检查拼写；IPv6 地址要用方括号括起来。"
                ),
            ),
            AddressError::Port(port) => (
                say!("“{port}” is not a port.", "“{port}”不是端口。"),
                say!("A port is a number from 1 to 65535.", "端口是 1 到 65535 之间的数字。"),
            ),
            AddressError::International(host) => (
                say!("“{host}” cannot be read as a host name.", "“{host}”不能识别为主机名。"),
                say!(
                    "Give its ASCII form, whose parts begin with xn--.",
                    "请填写以 xn-- 开头的 ASCII 形式。"
                ),
            ),
        };
        Self::new(error.code(), 422, cause, next)
    }
}
