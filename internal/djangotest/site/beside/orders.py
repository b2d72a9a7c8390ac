"""What the suite tells the running Django to do, by name."""
import contextlib
import io

from django.conf import global_settings
from django.contrib.auth import get_user_model, hashers
from django.contrib.auth.hashers import get_hasher
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.test.utils import override_settings

from .models import Note

changed = []
server = None  # what serves the pages, from serve.py


def permission(name):
    app, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


def create_user(username, password, email, staff, superuser, fields):
    user = get_user_model().objects.create_user(
        username, email, password, is_staff=staff, is_superuser=superuser, **fields)
    return str(user.pk)


def person(username):
    return get_user_model().objects.get_by_natural_key(username)


def user(username):
    u = person(username)
    return {
        "pk": str(u.pk), "email": u.email, "first_name": u.first_name, "password": u.password,
        "active": u.is_active, "staff": u.is_staff, "superuser": u.is_superuser,
        "groups": sorted(g.name for g in u.groups.all()),
        "permissions": sorted(u.get_all_permissions()),
    }


def set_password(username, password):
    u = person(username)
    u.set_password(password)
    u.save()


def check_password(username, password):
    return person(username).check_password(password)


def set_active(username, active):
    u = person(username)
    u.is_active = active
    u.save()


def create_group(name, permissions):
    Group.objects.create(name=name).permissions.set([permission(p) for p in permissions])


def grant(username, permissions, groups):
    u = person(username)
    u.user_permissions.add(*[permission(p) for p in permissions])
    u.groups.add(*Group.objects.filter(name__in=groups))


def revoke(username, permissions, groups):
    u = person(username)
    u.user_permissions.remove(*[permission(p) for p in permissions])
    u.groups.remove(*Group.objects.filter(name__in=groups))


def delete_user(username):
    person(username).delete()


def write_note(username):
    Note.objects.create(text="hello", author=person(username))


def must_update(algorithm, encoded):
    return get_hasher(algorithm).must_update(encoded)


def make_password(algorithm, password):
    return hashers.make_password(password, hasher=algorithm)


def types():
    return {
        "types": sorted("%s.%s" % (t.app_label, t.model) for t in ContentType.objects.all()),
        "permissions": sorted("%s.%s" % (p.content_type.app_label, p.codename)
                              for p in Permission.objects.select_related("content_type")),
    }


def override(settings):
    """Changes settings until restore."""
    if settings.get("PASSWORD_HASHERS", ()) is None:
        settings["PASSWORD_HASHERS"] = global_settings.PASSWORD_HASHERS
    change = override_settings(**settings)
    change.enable()
    changed.append(change)
    if "SESSION_ENGINE" in settings:
        server.set_app(get_wsgi_application())  # the middleware reads it once


def restore():
    while changed:
        changed.pop().disable()
        cache.clear()
        server.set_app(get_wsgi_application())


def forget():
    """Empties the cache, as time would."""
    cache.clear()


def end_session(key):
    Session.objects.filter(session_key=key).delete()


def call(name, args):
    """Runs a management command and tells what it wrote and how it ended."""
    out = io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            call_command(name, *args, no_color=True)
        except SystemExit as e:
            code = e.code
    return {"out": out.getvalue(), "code": code}


named = {f.__name__: f for f in (
    create_user, user, set_password, check_password, set_active, create_group, grant, revoke, delete_user,
    write_note, must_update, make_password, types, override, restore, forget, end_session, call)}
