"""Beat ticks tasks that exist, and no limit makes another one useless."""

from django.conf import settings

from config.celery import TICK_QUEUE, app
from outbox import sending
from outbox.wake import MAIL_QUEUE

CONF = app.conf


def test_every_tick_is_a_task_the_worker_knows() -> None:
    app.loader.import_default_modules()
    ticks = {entry["task"] for entry in CONF.beat_schedule.values()}
    assert ticks - set(app.tasks) == set()


def test_a_tick_that_was_not_taken_does_not_pile_up() -> None:
    late = {name: entry["options"]["expires"] / entry["schedule"] for name, entry in CONF.beat_schedule.items()}
    assert {name: times for name, times in late.items() if not 0.5 < times <= 3} == {}


def test_each_limit_ends_before_the_next_one_cuts_in() -> None:
    """A batch ends by itself, else softly, else hard; only then may broker and outbox give its work to another."""
    assert (
        sending.TIME_SECONDS
        < CONF.task_soft_time_limit
        < CONF.task_time_limit
        < settings.MAIL_LEASE_SECONDS
        < CONF.broker_transport_options["visibility_timeout"]
    )


def test_one_mail_that_hangs_is_over_before_the_hard_limit() -> None:
    assert CONF.task_soft_time_limit + settings.EMAIL_TIMEOUT <= CONF.task_time_limit


def test_what_goes_out_has_a_queue_of_its_own_and_no_tick_waits_in_it() -> None:
    app.loader.import_default_modules()
    ours = [name for name in app.tasks if not name.startswith("celery.")]
    queues = {name: app.amqp.router.route({}, name)["queue"].name for name in ours}
    slow = {"outbox.sweep", "outbox.line", "archive.pack"}
    assert {name for name, queue in queues.items() if queue == MAIL_QUEUE} == slow
    assert set(queues.values()) == {MAIL_QUEUE, TICK_QUEUE}
