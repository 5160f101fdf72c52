from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "records"

    def ready(self) -> None:
        from records import documents  # noqa: PLC0415 - models are not there before
        from search import sources  # noqa: PLC0415

        sources.register(documents.of)
