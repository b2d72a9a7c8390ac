DROP TABLE `announcements_announcement`;
DROP TABLE `announcements_reading`;
