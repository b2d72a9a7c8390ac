"""Django's side of bench/migrate: settings and manage.py in a file."""

import os
import sys
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import execute_from_command_line

url = os.environ["DATABASE_URL"]
if url.startswith("sqlite:"):
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": url.removeprefix("sqlite:")}
else:
    parts = urlsplit(url)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "HOST": parts.hostname,
        "PORT": parts.port or 5432,
        "USER": parts.username,
        "PASSWORD": parts.password or "",
    }

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    DATABASES={"default": database},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"]
    + [f"app{i}" for i in range(int(os.environ["MANY_MODELS"]) // 50)],
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)

execute_from_command_line(sys.argv)
