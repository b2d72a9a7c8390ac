CREATE TABLE reports_report (id integer PRIMARY KEY, title text NOT NULL);
CREATE TABLE reports_chart (id integer PRIMARY KEY, title text NOT NULL);
CREATE TABLE reports_source (id integer PRIMARY KEY, title text NOT NULL);
CREATE TABLE reports_comment (id integer PRIMARY KEY, title text NOT NULL);
