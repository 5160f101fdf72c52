from django.apps import AppConfig


class InvitationsConfig(AppConfig):
    name = "invitations"

    def ready(self) -> None:
        from events import next_steps  # noqa: PLC0415 - models are not there before
        from invitations import afterwards, details, following, mails, steps, steps_after  # noqa: PLC0415

        mails.register_kinds()
        afterwards.register_kinds()
        details.register_kinds()
        following.register_kinds()
        next_steps.register(steps.steps)
        next_steps.register(steps_after.steps)
