-- Status pages, and the links that show them. A link's secret is nowhere; its key is the SHA-256 of it.

CREATE TABLE status_pages (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE share_links (
    token_hash TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    page_id TEXT NOT NULL REFERENCES status_pages (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    locale TEXT,
    password_hash TEXT,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    seen_ms INTEGER,
    views INTEGER NOT NULL
) STRICT;
CREATE INDEX share_links_page ON share_links (page_id);
