from django.apps import AppConfig


class PurseConfig(AppConfig):
    name = "purse"

    def ready(self) -> None:
        from purse import personal  # noqa: F401, PLC0415 - models are not there before
