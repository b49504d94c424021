-- How an agency looks to its clients, and under which names of hosts they find it.

CREATE TABLE brands (
    agency_id     BIGINT NOT NULL PRIMARY KEY REFERENCES agencies (id),
    display_name  TEXT NOT NULL, -- empty: the agency's name
    accent        TEXT NOT NULL, -- #rrggbb; empty: the product's own
    accent_dark   TEXT NOT NULL, -- on dark ground; empty: the same
    support_email TEXT NOT NULL,
    support_url   TEXT NOT NULL,
    powered_by    BOOLEAN NOT NULL, -- the portal may say what it is made with
    logo          BYTEA, -- made safe before it came here
    logo_type     TEXT NOT NULL, -- its media type; empty without a logo
    logo_hash     TEXT NOT NULL,
    logo_width    BIGINT NOT NULL,
    logo_height   BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    CHECK ((logo IS NULL) = (logo_type = ''))
);

-- Several may claim a name; only one can prove that it is theirs.
CREATE TABLE portal_hosts (
    agency_id   BIGINT NOT NULL REFERENCES agencies (id),
    host        TEXT NOT NULL, -- lower case
    token       TEXT NOT NULL, -- what the domain's TXT record has to say
    verified_at BIGINT,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (agency_id, host)
);

CREATE UNIQUE INDEX portal_hosts_verified ON portal_hosts (host) WHERE verified_at IS NOT NULL;
