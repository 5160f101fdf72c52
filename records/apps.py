from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "records"

    def ready(self) -> None:
        from events import along  # noqa: PLC0415 - models are not there before
        from records import documents, intentions  # noqa: PLC0415 - as above
        from search import sources  # noqa: PLC0415

        sources.register(documents.of)
        along.register("tomorrow", intentions.section)
