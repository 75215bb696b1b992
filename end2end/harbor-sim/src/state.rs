//! Everything a Harbor keeps: the database, the registry's storage and Redis.

mod database;
pub(crate) mod image;
mod redis;
pub(crate) mod repository;
pub(crate) mod rows;
mod storage;

pub use database::AuditRow;
pub(crate) use database::Database;
pub use image::Image;
pub(crate) use redis::{Job, JobStore, Pool, Running, Sessions};
pub(crate) use storage::{Manifest, Storage, Upload};
