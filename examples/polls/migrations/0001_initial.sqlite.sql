-- requires: auth.0001_initial
-- Create the table polls_choice
-- Create the table polls_question
-- Create the table polls_vote

CREATE TABLE `polls_choice` (
    `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    `question_id` bigint NOT NULL,
    `text` varchar(200) NOT NULL,
    CONSTRAINT `polls_choice_question_id_fk` FOREIGN KEY (`question_id`) REFERENCES `polls_question` (`id`) ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX `polls_choice_question_id_idx` ON `polls_choice` (`question_id`);
CREATE TABLE `polls_question` (
    `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    `text` varchar(200) NOT NULL,
    `asked` datetime NOT NULL,
    `closed` bool NOT NULL
);
CREATE TABLE `polls_vote` (
    `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    `question_id` bigint NOT NULL,
    `choice_id` bigint NOT NULL,
    `user_id` integer NOT NULL,
    CONSTRAINT `polls_vote_choice_id_fk` FOREIGN KEY (`choice_id`) REFERENCES `polls_choice` (`id`) ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT `polls_vote_question_id_fk` FOREIGN KEY (`question_id`) REFERENCES `polls_question` (`id`) ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT `polls_vote_user_id_fk` FOREIGN KEY (`user_id`) REFERENCES `auth_user` (`id`) ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX `polls_vote_once` ON `polls_vote` (`question_id`, `user_id`);
CREATE INDEX `polls_vote_choice_id_idx` ON `polls_vote` (`choice_id`);
CREATE INDEX `polls_vote_user_id_idx` ON `polls_vote` (`user_id`);
