from django.apps import AppConfig


class InvitationsConfig(AppConfig):
    name = "invitations"

    def ready(self) -> None:
        from events import next_steps, this_morning  # noqa: PLC0415 - models are not there before
        from invitations import (  # noqa: PLC0415 - as above
            afterwards,
            details,
            following,
            mails,
            programme,
            steps,
            steps_after,
        )

        mails.register_kinds()
        afterwards.register_kinds()
        details.register_kinds()
        following.register_kinds()
        next_steps.register(steps.steps, of_series=True)
        next_steps.register(steps.drawn_covers, of_series=True)
        next_steps.register(steps_after.steps, of_series=True)
        this_morning.register_company(programme.company)
