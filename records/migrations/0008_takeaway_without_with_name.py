from django.db import migrations


class Migration(migrations.Migration):
    """What `signed` says now."""

    dependencies = [("records", "0007_signed_as_chosen")]

    operations = [migrations.RemoveField(model_name="takeaway", name="with_name")]
