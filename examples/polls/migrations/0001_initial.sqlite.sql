-- requires: auth.0001_initial

CREATE TABLE polls_question (
    id integer PRIMARY KEY AUTOINCREMENT,
    text varchar(200) NOT NULL,
    asked datetime NOT NULL,
    closed bool NOT NULL
);
CREATE TABLE polls_choice (
    id integer PRIMARY KEY AUTOINCREMENT,
    question_id bigint NOT NULL REFERENCES polls_question (id) DEFERRABLE INITIALLY DEFERRED,
    text varchar(200) NOT NULL
);
CREATE TABLE polls_vote (
    id integer PRIMARY KEY AUTOINCREMENT,
    question_id bigint NOT NULL REFERENCES polls_question (id) DEFERRABLE INITIALLY DEFERRED,
    choice_id bigint NOT NULL REFERENCES polls_choice (id) DEFERRABLE INITIALLY DEFERRED,
    user_id integer NOT NULL REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT polls_vote_once UNIQUE (question_id, user_id)
);
CREATE INDEX polls_choice_question_id ON polls_choice (question_id);
CREATE INDEX polls_vote_choice_id ON polls_vote (choice_id);
CREATE INDEX polls_vote_user_id ON polls_vote (user_id);
