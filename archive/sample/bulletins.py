"""The letter of last month, sent ten days after the breakfast before the last one; and what is new with members."""

from datetime import time

from archive.bulletins.parts import offer
from archive.models import Bulletin
from archive.sample.data import read
from archive.sample.days import Days
from archive.sample.history import Remembered
from members.models import Member
from members.news import News

SENT_AFTER_DAYS = 10
GREETING = "先月もよい朝でした。会員三人の話のつづきは、次の回のテーブルで。\n潮見 耕介"


def make(remembered: Remembered, host: Member, days: Days) -> None:
    """One letter that went out; the next one lies ready on the desk from its day on."""
    held = [session for session, morning in remembered if morning.is_on and morning.series.slug == "breakfast"]
    session = held[-2]
    sent_at = days.after(session, days=SENT_AFTER_DAYS, at=time(12, 30))
    Bulletin.objects.create(
        series=session.series,
        session=session,
        greeting=GREETING,
        chosen=list(offer(session, now=sent_at).chosen),
        created_at=sent_at,
        sent_at=sent_at,
        sent_by=host,
    )


def make_news(members: dict[str, Member], days: Days) -> None:
    """Four lines, one of them for the hosts alone."""
    News.objects.bulk_create(
        News(
            member=members[one["by"]],
            text=one["text"],
            level=one["level"],
            written_at=days.ago(one["days_ago"], time(21, 30)),
        )
        for one in read("news")["news"]
    )
