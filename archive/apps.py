from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "archive"

    def ready(self) -> None:
        from archive import people_mails  # noqa: PLC0415 - models are not there before
        from archive.bulletins import due, mails  # noqa: PLC0415 - as above
        from events import next_steps  # noqa: PLC0415 - as above

        mails.register_kinds()
        people_mails.register_kinds()
        next_steps.register(due.steps, of_series=True)
