-- requires: auth.0001_initial

CREATE TABLE stock_item (
    id integer PRIMARY KEY AUTOINCREMENT,
    name varchar(100) NOT NULL UNIQUE,
    quantity bigint NOT NULL
);
CREATE TABLE stock_token (
    id integer PRIMARY KEY AUTOINCREMENT,
    name varchar(100) NOT NULL,
    digest varchar(64) NOT NULL UNIQUE,
    user_id integer NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    created datetime NOT NULL
);
CREATE INDEX stock_token_user_id ON stock_token (user_id);
