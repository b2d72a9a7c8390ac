from django.contrib import admin
from django.urls import include, path

from beside import views

urlpatterns = [
    path("dj/", include([
        path("accounts/", include("django.contrib.auth.urls")),
        path("admin/", admin.site.urls),
        path("whoami/", views.whoami),
        path("page/", views.page),
        path("form/", views.form),
        path("session/", views.session),
        path("cookie/", views.cookie),
        path("messages/", views.show_messages),
    ])),
]
