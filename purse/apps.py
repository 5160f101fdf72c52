from django.apps import AppConfig


class PurseConfig(AppConfig):
    name = "purse"

    def ready(self) -> None:
        from events import next_steps  # noqa: PLC0415 - models are not there before
        from purse import personal, steps  # noqa: F401, PLC0415

        next_steps.register(steps.steps)
