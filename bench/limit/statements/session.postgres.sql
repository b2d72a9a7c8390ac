SELECT session_data, expire_date FROM "django_session" WHERE session_key = $1 AND expire_date > $2
