DROP TABLE "announcements_reading";
DROP TABLE "announcements_announcement";
