"""The site of bench/floodsite in Django: settings, URLs, views and application in a file.

The form's token is not asked for: the load logs in without loading the form first.
"""

import os
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.template import engines
from django.urls import path

url = os.environ["DATABASE_URL"]
if url.startswith("sqlite:"):
    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": url.removeprefix("sqlite:"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"},
    }
else:
    parts = urlsplit(url)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "HOST": parts.hostname,
        "PORT": parts.port or 5432,
        "USER": parts.username,
        "PASSWORD": parts.password or "",
        "CONN_MAX_AGE": None,
    }

settings.configure(
    DEBUG=False,
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=os.environ["ALLOWED_HOSTS"].split(","),
    ROOT_URLCONF=__name__,
    DATABASES={"default": database},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    USE_TZ=True,
)

application = get_wsgi_application()

from django.contrib.auth.views import LoginView  # noqa: E402  the apps have to be loaded

PAGE = engines["django"].from_string("<!doctype html>\n<title>Page</title>\n<p>Hello, {{ user.username }}.\n")


def home(request):
    return HttpResponse('"ready"')


@permission_required("auth.view_user")
def page(request):
    return HttpResponse(PAGE.render({"user": request.user}))


def log_in(request):
    request._dont_enforce_csrf_checks = True
    return LoginView.as_view()(request)


urlpatterns = [path("", home), path("page/", page), path("accounts/login/", log_in)]
