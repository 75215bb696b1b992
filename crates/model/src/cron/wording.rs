//! What a person reads when a cron is refused.

use super::{CronError, CronFault, FieldName};
use crate::{AppError, Say, say};

impl FieldName {
    /// The field in words.
    pub fn say(self) -> Say {
        let (min, max) = self.bounds();
        match self {
            Self::Second => say!("seconds ({min}–{max})", "秒（{min}–{max}）"),
            Self::Minute => say!("minutes ({min}–{max})", "分（{min}–{max}）"),
            Self::Hour => say!("hours ({min}–{max})", "时（{min}–{max}）"),
            Self::Day => say!("days of the month ({min}–{max})", "日（{min}–{max}）"),
            Self::Month => say!("months ({min}–{max})", "月（{min}–{max}）"),
            Self::Weekday => say!("weekdays ({min}–{max}, Sunday is 0)", "星期（{min}–{max}，星期日为 0）"),
        }
    }
}

impl From<CronError> for AppError {
    fn from(error: CronError) -> Self {
        let mut cause = match &error.fault {
            CronFault::Empty => say!("There is no cron.", "没有填写 cron。"),
            CronFault::FieldCount(n) => {
                say!(
                    "A cron of Harbor has six fields, seconds first; this one has {n}.",
                    "Harbor 的 cron 有六段，第一段是秒；这里有 {n} 段。"
                )
            }
            CronFault::Descriptor => say!("Harbor takes no @ forms.", "Harbor 不接受 @ 形式。"),
            CronFault::Seconds => {
                say!(
                    "From Harbor 2.9 on the first field must be exactly 0.",
                    "从 Harbor 2.9 起，第一段必须正好是 0。"
                )
            }
            CronFault::EveryMinute => {
                say!(
                    "From Harbor 2.9 on the second field must not be *.",
                    "从 Harbor 2.9 起，第二段不能是 *。"
                )
            }
            CronFault::Field(name) => {
                let Say { en, zh } = name.say();
                say!("The field of the {en} cannot be read.", "无法识别“{zh}”这一段。")
            }
            CronFault::Never => say!(
                "No such day exists. Harbor would take this, and its job service would then spin until it is restarted.",
                "这一天不存在。Harbor 会接受它，但任务服务会一直空转，直到重启。"
            ),
            CronFault::TimeZone => say!("Only UTC is understood.", "只支持 UTC。"),
        };
        if let Some(meaning) = &error.meaning {
            cause.en.push_str(&format!(" It means: {}.", meaning.en));
            cause.zh.push_str(&format!("它的意思是：{}。", meaning.zh));
        }
        let next = match &error.nearest {
            Some(cron) => say!(
                "The nearest form that this Harbor takes: {cron}",
                "此 Harbor 接受的最接近的形式：{cron}"
            ),
            None => {
                say!("Write it as: 0 minute hour day month weekday", "请按此格式填写：0 分 时 日 月 星期")
            }
        };
        Self::new(error.code(), 422, cause, next)
    }
}
