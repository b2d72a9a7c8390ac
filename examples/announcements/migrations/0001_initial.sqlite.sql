-- Create the table announcements_announcement
-- Create the table announcements_reading

CREATE TABLE `announcements_announcement` (
    `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    `text` varchar(500) NOT NULL,
    `starts` datetime NOT NULL,
    `ends` datetime NULL
);
CREATE TABLE `announcements_reading` (
    `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    `announcement_id` bigint NOT NULL,
    `reader` varchar(64) NOT NULL,
    CONSTRAINT `announcements_reading_announcement_id_fk` FOREIGN KEY (`announcement_id`) REFERENCES `announcements_announcement` (`id`) ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX `announcements_reading_once` ON `announcements_reading` (`announcement_id`, `reader`);
