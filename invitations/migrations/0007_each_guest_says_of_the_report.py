from django.db import migrations, models

import members.fields


class Migration(migrations.Migration):
    dependencies = [("invitations", "0006_wishes_and_followers")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="report_text",
            field=models.CharField(blank=True, default="", editable=False, max_length=12),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="invitation",
            name="report_right_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="invitation",
            name="report_remark",
            field=members.fields.ProseField(
                blank=True,
                default="",
                editable=False,
                max_length=4000,
                verbose_name="what the guest would like put right",
            ),
            preserve_default=False,
        ),
    ]
