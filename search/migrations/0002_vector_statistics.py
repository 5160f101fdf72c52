from django.db import migrations


class Migration(migrations.Migration):
    """Let the planner know rare tokens too.

    With the default statistics it takes them for frequent and walks the date index through the whole table
    where the token index would answer at once.
    """

    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE search_document ALTER COLUMN vector SET STATISTICS 1000",
            "ALTER TABLE search_document ALTER COLUMN vector SET STATISTICS -1",
        ),
    ]
