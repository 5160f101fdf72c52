from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "outbox"

    def ready(self) -> None:
        from outbox import kinds, mails  # noqa: PLC0415 - the models are ready only now

        for kind in mails.KINDS:
            kinds.register(kind)
