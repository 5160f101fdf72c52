"""Places keep what was agreed with the restaurant and a photo of the door; hosts give a photo for the card."""

import datetime as dt

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import members.fields
import members.photos


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0013_answer_window"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="venue",
            name="archived_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="venue",
            name="contact_name",
            field=members.fields.LineField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="venue",
            name="contact_phone",
            field=members.fields.LineField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="venue",
            name="cover_amount",
            field=models.PositiveIntegerField(
                default=0, validators=[django.core.validators.MaxValueValidator(10000000)]
            ),
        ),
        migrations.AddField(
            model_name="venue",
            name="currency",
            field=models.CharField(default="JPY", max_length=3),
        ),
        migrations.AddField(
            model_name="venue",
            name="door_photo",
            field=models.FileField(blank=True, max_length=200, upload_to=members.photos.random_name),
        ),
        migrations.AddField(
            model_name="venue",
            name="final_at",
            field=models.TimeField(default=dt.time(15, 0)),
        ),
        migrations.AddField(
            model_name="venue",
            name="final_days",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, validators=[django.core.validators.MaxValueValidator(60)]
            ),
        ),
        migrations.AddField(
            model_name="venue",
            name="late_amount",
            field=models.PositiveIntegerField(
                default=0, validators=[django.core.validators.MaxValueValidator(10000000)]
            ),
        ),
        migrations.AddField(
            model_name="venue",
            name="moved_to",
            field=models.ForeignKey(
                blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to="events.venue"
            ),
        ),
        migrations.AddField(
            model_name="venue",
            name="provisional_days",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, validators=[django.core.validators.MaxValueValidator(60)]
            ),
        ),
        migrations.AddField(
            model_name="venue",
            name="room_amount",
            field=models.PositiveIntegerField(
                default=0, validators=[django.core.validators.MaxValueValidator(10000000)]
            ),
        ),
        migrations.AddField(
            model_name="venue",
            name="spare_covers",
            field=models.PositiveSmallIntegerField(
                default=0, validators=[django.core.validators.MaxValueValidator(50)]
            ),
        ),
        migrations.CreateModel(
            name="HostPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file", models.FileField(max_length=200, upload_to=members.photos.random_name)),
                ("given_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="host_photo",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
