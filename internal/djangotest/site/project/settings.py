"""What a real project has; what the suite shares or varies comes as JSON in BESIDE."""
import json
import os
from pathlib import Path

shared = json.loads(os.environ["BESIDE"])
home = Path(__file__).resolve().parent.parent

SECRET_KEY = shared["key"]
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES = {"default": shared["database"]}
ROOT_URLCONF = "project.urls"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "beside",
]
if shared["swapped"]:
    INSTALLED_APPS.append("people")
    AUTH_USER_MODEL = "people.Member"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [home / "templates"],
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
PASSWORD_HASHERS = shared["hashers"]
SESSION_FILE_PATH = shared["files"]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = shared["mail"]
LOGIN_URL = "/dj/accounts/login/"
LOGIN_REDIRECT_URL = "/dj/page/"
PASSWORD_RESET_TIMEOUT = 3600  # less than the zone is away from UTC
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = shared["zone"]
STATIC_URL = "/dj/static/"
