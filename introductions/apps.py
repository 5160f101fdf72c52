from django.apps import AppConfig


class IntroductionsConfig(AppConfig):
    name = "introductions"

    def ready(self) -> None:
        from events import next_steps  # noqa: PLC0415 - models are not there before
        from introductions import mails, steps  # noqa: PLC0415 - as above

        mails.register_kinds()
        next_steps.register(steps.steps)
