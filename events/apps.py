from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        from events import documents, mails, next_steps, reminder_mails  # noqa: PLC0415 - models are not there before
        from search import sources  # noqa: PLC0415

        mails.register_kinds()
        reminder_mails.register_kinds()
        next_steps.register(next_steps.own)
        sources.register(documents.of)
