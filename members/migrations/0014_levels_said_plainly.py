from django.db import migrations, models

LEVELS = [
    (0, "Only myself"),
    (1, "Only the hosts"),
    (2, "Those I exchanged cards with"),
    (3, "Those who shared a morning with me"),
    (4, "Members of my series"),
    (5, "Every member"),
    (6, "Everybody, also outside the club"),
]
HIDDEN = ("hours", "line_id", "mail", "phone")
TO_HOSTS = (
    *("ask_me", "industry", "links", "name", "occupation", "one_line", "organisation", "photo", "role"),
    *("want_to_learn", "working_towards"),
)


def of_member(line: str, default: int) -> migrations.AlterField:
    field = models.PositiveSmallIntegerField(choices=LEVELS, default=default)
    return migrations.AlterField(model_name="member", name=f"{line}_level", field=field)


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0013_portrait"),
    ]

    operations = [
        *(of_member(line, 0) for line in HIDDEN),
        *(of_member(line, 1) for line in TO_HOSTS),
        migrations.AlterField(
            model_name="news",
            name="level",
            field=models.PositiveSmallIntegerField(choices=LEVELS[1:6], default=1, verbose_name="who may read it"),
        ),
    ]
