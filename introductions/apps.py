from django.apps import AppConfig


class IntroductionsConfig(AppConfig):
    name = "introductions"

    def ready(self) -> None:
        from events import along, next_steps, this_morning  # noqa: PLC0415 - models are not there before
        from introductions import (  # noqa: PLC0415 - as above
            ask_mails,
            favour_mails,
            followup_mails,
            looking,
            mails,
            nearness,
            remembering,
            seating,
            steps,
            table_steps,
        )
        from members import audiences, blocks  # noqa: PLC0415 - as above
        from members.levels import Level  # noqa: PLC0415 - as above

        mails.register_kinds()
        followup_mails.register_kinds()
        favour_mails.register_kinds()
        ask_mails.register_kinds()
        remembering.register_kinds()
        audiences.register(Level.CARDS, nearness.exchanged)
        blocks.register(seating.part)
        next_steps.register(steps.steps)
        next_steps.register(table_steps.steps)
        this_morning.register(seating.word)
        this_morning.register(looking.word)
        along.register("tomorrow", looking.section)
        along.register("thanks", followup_mails.section)
