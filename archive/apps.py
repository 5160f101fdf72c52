from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "archive"

    def ready(self) -> None:
        from archive.bulletins import due, mails  # noqa: PLC0415 - models are not there before
        from events import next_steps  # noqa: PLC0415 - as above

        mails.register_kinds()
        next_steps.register(due.steps)
