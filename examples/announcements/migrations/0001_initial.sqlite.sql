CREATE TABLE announcements_announcement (
    id integer PRIMARY KEY AUTOINCREMENT,
    text varchar(500) NOT NULL,
    starts datetime NOT NULL,
    ends datetime
);
CREATE TABLE announcements_reading (
    id integer PRIMARY KEY AUTOINCREMENT,
    announcement_id bigint NOT NULL REFERENCES announcements_announcement (id) DEFERRABLE INITIALLY DEFERRED,
    reader varchar(64) NOT NULL,
    CONSTRAINT announcements_reading_once UNIQUE (announcement_id, reader)
);
