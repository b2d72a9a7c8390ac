"""Pages that show what Django makes of a visitor. The same stand at the Go side."""
import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render


def whoami(request):
    user = request.user
    return JsonResponse({
        "username": user.get_username(),
        "backend": request.session.get("_auth_user_backend", ""),
        "permissions": sorted(user.get_all_permissions()),
        "has": {name: user.has_perm(name) for name in request.GET.getlist("perm")},
    })


@login_required
def page(request):
    return HttpResponse("page of " + request.user.get_username())


def form(request):
    if request.method == "POST":
        return HttpResponse("accepted " + request.POST["text"])
    return render(request, "form.html")


def session(request):
    """Stores the JSON object `set`, deletes the names `drop`; answers with all that is no log-in."""
    for name, value in json.loads(request.GET.get("set", "{}")).items():
        request.session[name] = value
    for name in request.GET.getlist("drop"):
        del request.session[name]
    if "expiry" in request.GET:
        request.session.set_expiry(int(request.GET["expiry"]))
    shown = {k: v for k, v in request.session.items() if not k.startswith("_")}
    return JsonResponse({"data": shown, "age": request.session.get_expiry_age()})


def cookie(request):
    """Signs the value `set` into the cookie `name`, or reads it."""
    name, salt = request.GET["name"], request.GET["salt"]
    response = HttpResponse()
    if "set" in request.GET:
        response.set_signed_cookie(name, request.GET["set"], salt=salt)
    else:
        response.write(request.get_signed_cookie(name, default="refused", salt=salt, max_age=60))
    return response


def show_messages(request):
    """Leaves the message `add`, or shows those that wait."""
    if "add" in request.GET:
        messages.add_message(request, int(request.GET["level"]), request.GET["add"], extra_tags=request.GET.get("tags", ""))
        return HttpResponse()
    return JsonResponse({"messages": [[m.level, str(m), m.extra_tags or ""] for m in messages.get_messages(request)]})
