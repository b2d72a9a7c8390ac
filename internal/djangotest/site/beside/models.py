from django.conf import settings
from django.db import models


class Note(models.Model):
    """A model that only Django knows."""

    text = models.CharField(max_length=100)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
