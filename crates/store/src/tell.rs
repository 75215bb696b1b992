//! What a person reads when the database fails.

use model::{AppError, say};

use crate::StoreError;

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        let (status, cause, next) = match &error {
            StoreError::Locked(_) => (
                503,
                say!("The database is busy.", "数据库正忙。"),
                say!("Nothing was lost; try again in a moment.", "内容没有丢失，请稍后重试。"),
            ),
            StoreError::DiskFull(_) => (
                507,
                say!("The disk of the database is full.", "数据库所在磁盘已满。"),
                say!(
                    "Free some room, then try again; what is on the page stays.",
                    "请先清理空间再重试；页面上的内容会保留。"
                ),
            ),
            StoreError::ReadOnly(_) => (
                503,
                say!("The database cannot be written to.", "数据库为只读状态。"),
                say!(
                    "Look at the file's permissions, or whether this is a standby.",
                    "请检查文件权限，或是否连接到了备库。"
                ),
            ),
            StoreError::Unavailable(_) => (
                503,
                say!("The database cannot be reached.", "无法连接数据库。"),
                say!(
                    "It is tried anew with every call; try again in a moment.",
                    "每次操作都会重新连接，请稍后重试。"
                ),
            ),
            StoreError::Denied(_) => (
                503,
                say!("The database refuses Breakwater's account.", "数据库拒绝了 Breakwater 的账号。"),
                say!("Check the database address in the configuration.", "请检查配置中的数据库地址。"),
            ),
            StoreError::Conflict { .. } => (
                409,
                say!("Somebody else changed or took it in the meantime.", "内容已被他人修改或占用。"),
                say!("Read it again and repeat your change.", "请重新读取后再修改。"),
            ),
            StoreError::NotFound { .. } => (
                404,
                say!("There is no such thing, or not any more.", "找不到该内容，可能已被删除。"),
                say!("Go back to the list.", "请返回列表。"),
            ),
            StoreError::Corrupt { .. } | StoreError::Internal(_) => (
                500,
                say!("The database answered something unexpected.", "数据库返回了意外的内容。"),
                say!("Look at the server's log for the cause.", "请查看服务器日志了解原因。"),
            ),
            StoreError::Newer => (
                500,
                say!(
                    "The database was written by a newer Breakwater.",
                    "数据库由更新版本的 Breakwater 写入。"
                ),
                say!("Start that version, or restore a backup.", "请启动对应版本，或恢复备份。"),
            ),
            StoreError::Restore(_)
            | StoreError::Backup(_)
            | StoreError::BadUrl(_)
            | StoreError::File { .. } => (
                500,
                say!("A file or address beside the database cannot be used.", "数据库的文件或地址无法使用。"),
                say!("Look at the server's log for the cause.", "请查看服务器日志了解原因。"),
            ),
            StoreError::Key(_) => (
                500,
                say!("A stored secret cannot be unsealed.", "无法解开已保存的密钥。"),
                say!(
                    "Put the key file back, or give the credentials anew.",
                    "请放回密钥文件，或重新填写凭据。"
                ),
            ),
        };
        Self::new(error.code(), status, cause, next)
    }
}
