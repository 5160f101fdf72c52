from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        # Models are not there before.
        from events import (  # noqa: PLC0415
            absences,
            along,
            attended,
            documents,
            first_timers,
            host_messages,
            joining,
            mails,
            nearness,
            next_steps,
            reminder_mails,
            restaurant,
            role_mails,
            standing_mails,
            talk_mails,
        )
        from events import by_line as picks  # noqa: PLC0415
        from events import friend_mails as friends  # noqa: PLC0415
        from events import visitor_mails as visitors  # noqa: PLC0415
        from members import audiences, panels  # noqa: PLC0415
        from members.levels import Level  # noqa: PLC0415
        from outbox import by_line  # noqa: PLC0415
        from search import sources  # noqa: PLC0415

        mails.register_kinds()
        reminder_mails.register_kinds()
        friends.register_kinds()
        host_messages.register_kinds()
        role_mails.register_kinds()
        visitors.register_kinds()
        standing_mails.register_kinds()
        talk_mails.register_kinds()
        joining.register_kinds()
        by_line.register(picks.pick)
        next_steps.register(next_steps.own)
        next_steps.register(next_steps.unreached_steps)
        next_steps.register(next_steps.free_seats)
        next_steps.register(restaurant.steps)
        next_steps.register(next_steps.open_jobs)
        next_steps.register(first_timers.steps)
        along.register("thanks", attended.section)
        sources.register(documents.of)
        audiences.register(Level.HOSTS, nearness.hosted)
        audiences.register(Level.MORNING, nearness.same_morning)
        audiences.register(Level.SERIES, nearness.same_series)
        panels.register(absences.panel)
        audiences.register_attended(nearness.attended)
