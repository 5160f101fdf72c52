from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"

    def ready(self) -> None:
        from members import mails  # noqa: PLC0415 - the models are ready only now
        from outbox import kinds  # noqa: PLC0415

        for kind in mails.KINDS:
            kinds.register(kind)
