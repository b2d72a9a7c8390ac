from django.contrib.auth.models import UserManager
from django.db import migrations

from people.models import Member


class Migration(migrations.Migration):
    """The table of members as the model has it, which never changes here."""

    initial = True
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        migrations.CreateModel(
            name="Member",
            fields=[(f.name, f.clone()) for f in (*Member._meta.local_fields, *Member._meta.local_many_to_many)],
            options={"verbose_name": "member", "verbose_name_plural": "member"},
            managers=[("objects", UserManager())],
        ),
    ]
