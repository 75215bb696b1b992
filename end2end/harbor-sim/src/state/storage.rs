//! The image registry's storage: blobs, which repository has which, manifests and uploads under way.

use std::collections::{HashMap, HashSet};

use bytes::{Bytes, BytesMut};

use super::image::Image;

#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    pub(crate) media_type: String,
    pub(crate) bytes: Bytes,
}

#[derive(Debug, Default)]
pub(crate) struct Upload {
    pub(crate) repository: String,
    pub(crate) data: BytesMut,
}

/// One folder or bucket.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    pub(crate) blobs: HashMap<String, Bytes>,
    links: HashSet<(String, String)>,
    manifests: HashMap<(String, String), Manifest>,
    pub(crate) uploads: HashMap<String, Upload>,
}

impl Storage {
    pub(crate) fn put_blob(&mut self, repository: &str, digest: &str, bytes: Bytes) {
        self.blobs.insert(digest.to_owned(), bytes);
        self.link(repository, digest);
    }

    pub(crate) fn link(&mut self, repository: &str, digest: &str) {
        self.links.insert((repository.to_owned(), digest.to_owned()));
    }

    /// The blob, if this repository has it.
    pub(crate) fn blob(&self, repository: &str, digest: &str) -> Option<&Bytes> {
        let linked = self.links.contains(&(repository.to_owned(), digest.to_owned()));
        if linked { self.blobs.get(digest) } else { None }
    }

    pub(crate) fn put_manifest(&mut self, repository: &str, digest: &str, manifest: Manifest) {
        self.manifests.insert((repository.to_owned(), digest.to_owned()), manifest);
    }

    pub(crate) fn manifest(&self, repository: &str, digest: &str) -> Option<&Manifest> {
        self.manifests.get(&(repository.to_owned(), digest.to_owned()))
    }

    pub(crate) fn put_image(&mut self, repository: &str, image: &Image) {
        for (digest, bytes) in &image.blobs {
            self.put_blob(repository, digest, bytes.clone());
        }
        let manifest = Manifest { media_type: image.media_type.clone(), bytes: image.manifest.clone() };
        self.put_manifest(repository, &image.digest, manifest);
    }
}
