"""My data: every model says what it holds; a file with everything; and after erasing nothing says who it was."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings as conf
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.utils import timezone, translation
from psycopg import sql

from archive.api.tokens import ApiToken
from archive.models import Intake, ListedPerson
from events.models import (
    Attendance,
    Companion,
    Details,
    Gathering,
    HostPhoto,
    Idea,
    Job,
    JoinRequest,
    Membership,
    Notice,
    Question,
    Remembered,
    Rsvp,
    StandingRsvp,
    Talk,
    Visit,
)
from introductions import consent, openness
from introductions.acquaintance import Exchange, Memory
from introductions.asks import Ask
from introductions.asks import Reply as AskReply
from introductions.favours import Favour
from introductions.followups import FollowUp
from introductions.lookouts import Lookout
from introductions.models import Introduction, Round
from introductions.pauses import Pause
from invitations.models import Follower, Support, Wish
from members import erasing, exports, personal_data, retention
from members.blocks import Block
from members.concerns import Concern
from members.devices import Device
from members.exports import DataExport
from members.identities import Identity
from members.levels import LINES, Level, all_at
from members.line import LineAccount, LineCode
from members.models import Consent, FormerAddress, Member
from members.news import News
from members.refusals import Refusal
from outbox.models import Delivery, MailboxMessage, Stop, Suppression
from purse.models import Payment
from records.models import Intention, Takeaway
from search import sources
from search.models import Document
from speakers.models import Speaker
from tests.members.test_signing_in import mailed_code
from tests.records.photos import photo

CANARY = "kanariya"


def signed_in(member: Member) -> Client:
    """By a code, just now."""
    client = Client()
    client.post("/accounts/login/", {"email": member.email})
    client.post(
        "/accounts/login/code/", {"code": Delivery.objects.filter(kind="account.code").latest("pk").context["code"]}
    )
    return client


def everything(needle: str) -> list[str]:
    """Where it stands: tables of the database, keys and values of both Redis databases, files."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (name,) in cursor.fetchall():
            question = sql.SQL("SELECT count(*) FROM {} t WHERE t::text ILIKE %s").format(sql.Identifier(name))
            cursor.execute(question, [f"%{needle}%"])
            if cursor.fetchone()[0]:
                found.append(name)
    found += ["members_device" for row in Device.objects.all() if needle in str(row.get_decoded())]
    for number in (0, 1):
        store = redis.from_url(conf.REDIS.url, db=number)
        for key in store.scan_iter():
            value = store.get(key) if store.type(key) == b"string" else repr(store.dump(key)).encode()
            if needle.encode() in key + (value or b""):
                found.append(f"redis {number}")
    media = Path(str(conf.STORAGES["default"]["OPTIONS"]["location"]))
    files = [path for path in media.rglob("*") if path.is_file()]
    found += [f"file {one.name}" for one in files if needle in one.name or needle.encode() in one.read_bytes()]
    return sorted(found)


@pytest.fixture
def mina(person, series, session, make_session, kosuke, hana, ken, sato) -> Member:
    """Somebody whose name, lines, address and words say the canary wherever the club keeps any."""
    now = timezone.now()
    lines = {
        one.columns[0]: CANARY for one in LINES if one.name not in {"name", "photo", "mail", "industry", "occupation"}
    }
    lines |= {"links": f"https://{CANARY}.example/", "yomi": CANARY, "romaji": CANARY}
    mina = person(CANARY, **lines | all_at(Level.CARDS), listed_at=now)
    Membership.objects.create(series=series, member=mina)
    past = make_session(starts_at=now - timedelta(days=3), roster_closed_at=now)
    session.rsvp(mina, "ACCEPTED", now=now, question=CANARY)
    session.add_friend(mina, CANARY, yomi=CANARY, now=now)
    mine = Rsvp.objects.get(session=session, member=mina)
    ask = Question.objects.create(session=session, text="のみもの")
    told = {"diet": CANARY, "phone": CANARY, "no_pictures": True}
    Details.tell(mine, told, {ask.pk: CANARY}, now=now)
    Visit.objects.create(session=session, name=CANARY, email=mina.email, digest="x", digest_until=now)
    Wish.objects.create(name=CANARY, why=CANARY, way=CANARY, member=mina)
    Follower.objects.create(speaker=sato, email=mina.email, confirmed_at=now)
    old = Rsvp.objects.create(session=past, member=mina, partstat="ACCEPTED", seated_at=now, question=CANARY)
    friend = Companion.objects.create(rsvp=old, name=CANARY)
    for key, paid in (("mina", mina), (f"f{friend.pk}", None)):
        Payment.objects.create(session=past, place=key, member=paid, name="" if paid else CANARY, amount=2000)
    for member in (mina, hana, ken):
        Attendance.objects.create(session=past, member=member)
    News.objects.tell(mina, CANARY, level=Level.MEMBERS, now=now)
    Takeaway.objects.create(session=past, member=mina, text=CANARY, audience="members", signed="name")
    Intention.objects.create(session=past, member=mina, text=CANARY)
    Talk.objects.create(session=past, member=mina, title="わたしの仕事", abstract=CANARY)
    sources.refresh([past.code, session.code])
    consent.give(mina, now=now)
    openness.Openness.say(mina, {"connects"}, now=now)
    for one, other in ((mina, hana), (hana, mina)):
        Exchange.objects.create(member=one, other=other, line=CANARY)
        Memory.objects.create(owner=one, other=other, note=CANARY, next_step=CANARY, next_on=now.date())
        Block.objects.keep_away(one, ken if one == mina else other, now=now)
    round_ = Round.objects.create(session=past, seed="")
    first, second = sorted((mina, hana), key=lambda member: member.pk)
    pair = Introduction.objects.create(round=round_, first=first, second=second, value=1, terms={"x": CANARY})
    FollowUp.objects.create(
        introduction=pair, member=mina, asked_at=now, in_touch="yes", story=CANARY, story_for="wall", story_at=now
    )
    until = {"until": now + timedelta(days=7), "ends_at": now + timedelta(days=15)}
    Favour.objects.create(asker=mina, connector=ken, other=hana, why=CANARY, forward=CANARY, **until)
    Concern.objects.tell(mina, hana, "言われた", kind="other", named=True, now=now)
    Concern.objects.tell(hana, mina, CANARY, kind="other", named=True, now=now)
    Speaker.objects.filter(pk=sato.pk).update(member=mina)
    LineAccount.objects.create(member=mina, account=f"U{CANARY}")
    Authenticator.objects.create(user=mina, type="webauthn", data={"name": CANARY})
    Stop.objects.create(address=mina.email, topic="letter", about="", since=now)
    Suppression.note("mina@example.com", "x", now=now)
    Suppression.objects.update(address=mina.email, reason=CANARY)
    MailboxMessage.objects.create(recipients=[mina.email], subject=CANARY, raw=CANARY.encode())
    for to in (mina.email, hana.email):
        Delivery.objects.create(
            kind="x", key=f"x:{to[:2]}", to=to, language="ja", sent_at=now, rendered={"text": f"Dear {CANARY}"}
        )
    return mina


@pytest.fixture
def everywhere(mina: Member, series, session, hana: Member) -> Member:
    """And in what came later: of each model at least a row (see the test below)."""
    now, past = timezone.now(), Attendance.objects.get(member=mina).session
    pair = Introduction.objects.get()
    offered = Idea.propose(mina, title=CANARY, about=CANARY, offers=True, now=now)
    theme = Idea.propose(mina, title="値段", about=CANARY, offers=False, now=now)
    theme.take(hana, yes=True, now=now)
    Idea.propose(hana, title="卸", about="", offers=True, now=now).ask(mina, CANARY, now=now)
    assert offered.speaker == mina
    when = {"starts_at": now + timedelta(days=9), "duration_minutes": 60}
    Gathering.objects.create(series=series, member=mina, title=CANARY, about=CANARY, place=CANARY, **when)
    held = Gathering.objects.create(series=series, member=mina, title="散歩", about=CANARY, place=CANARY, **when)
    Gathering.objects.filter(pk=held.pk).update(session=past, answered_at=now)
    JoinRequest.objects.create(series=series, member=mina, words=CANARY)
    StandingRsvp.begin(series, mina, now=now)
    Job.objects.create(session=past, kind=Job.Kind.choices[0][0], member=mina)
    Remembered.objects.update_or_create(member=mina, defaults={"diet": CANARY})
    Notice.objects.create(rsvp=Rsvp.objects.get(session=session, member=mina), sequence=1)
    until = {"until": now + timedelta(days=7)}
    Ask.objects.create(asker=mina, question=CANARY, more=CANARY, thanks=CANARY, **until)
    other = Ask.objects.create(asker=hana, question="誰か", **until)
    AskReply.objects.create(ask=other, member=mina, words=[CANARY], line=CANARY, asked_at=now)
    Pause.objects.create(member=mina)
    Lookout.objects.create(session=session, first=pair.first, second=pair.second, value=1, terms={"x": CANARY})
    Identity.objects.link(mina.pk, "google", CANARY, now=now)
    FormerAddress.objects.create(member=mina, address=f"{CANARY}@old.example.com", left_at=now)
    LineCode.objects.create(member=mina, digest=CANARY, expires_at=now)
    ApiToken.objects.issue(mina, name=CANARY, scopes=[], days=90, now=now)
    Refusal.objects.add(mina.email, CANARY, now=now)
    Support.objects.create(wish=Wish.objects.create(name="梨田", member=hana), member=mina)
    intake = Intake.objects.create(series=series, kind="jsonl", name="名簿")
    listed = {"digest": "d", "email": mina.email, "name": CANARY, "yomi": CANARY}
    ListedPerson.objects.create(series=series, intake=intake, **listed)
    EmailAddress.objects.get_or_create(user=mina, email=mina.email, defaults={"verified": True, "primary": True})
    return mina


# What hosts do for the club, and files: of the latter, the test of files below.
OTHERS_WORK = {
    *("archive.Bulletin", "archive.ClubExport", "archive.Intake"),
    *("events.HostMessage", "events.RestaurantCall", "events.Session"),
    *("invitations.Invitation", "purse.Entry", "purse.Receipt", "records.Report", "account.EmailConfirmation"),
    *("events.HostPhoto", "members.DataExport", "records.Picture", "records.Handout", "members.Device"),
}


def test_the_canary_has_a_row_in_every_model_that_says_how_it_is_erased(everywhere: Member) -> None:
    """A model added later, without a row here, would be erased by nothing but its author's word."""
    missing = set()
    for policy in personal_data.policies():
        rows = apps.get_model(policy.model)._default_manager
        if policy.erases and not any(rows.filter(step.rows(everywhere)).exists() for step in policy.erases):
            missing.add(policy.model)
    assert missing <= OTHERS_WORK


@pytest.fixture
def files(mina: Member) -> Iterator[list[str]]:
    """What she gave to be kept as files; the folder is emptied of them whatever happens."""
    rows = [
        HostPhoto.objects.create(member=mina, file=ContentFile(CANARY.encode(), name="a.webp")),
        DataExport.objects.create(member=mina, file=ContentFile(CANARY.encode(), name="a.zip")),
    ]
    for column in (mina.photo, mina.photo_small):
        column.save("", ContentFile(CANARY.encode()))
    kept = [*(row.file for row in rows), mina.photo, mina.photo_small]
    names = [file.name for file in kept]
    yield names
    for name in names:
        mina.photo.storage.delete(name)


def test_files_go_from_the_disk_when_the_account_does(
    mina: Member, files: list[str], django_capture_on_commit_callbacks
) -> None:
    assert {f"file {Path(one).name}" for one in files} <= set(everything(CANARY))
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(mina, now=timezone.now())
    assert everything(CANARY) == []


# Policies


def test_every_model_says_what_it_holds_about_a_person() -> None:
    known = {policy.model for policy in personal_data.policies()}
    assert known ^ {model._meta.label for model in apps.get_models()} == set()


def test_what_holds_nothing_and_what_is_kept_says_why() -> None:
    assert [one.model for one in personal_data.policies() if not (one.exports and one.erases) and not one.why] == []


def test_a_model_that_names_a_member_is_exported_or_erased() -> None:
    """Whoever adds a column for a member must say what becomes of it."""
    silent = [
        policy.model
        for policy in personal_data.policies()
        if not (policy.exports or policy.erases)
        and any(column.related_model is Member for column in apps.get_model(policy.model)._meta.fields)
    ]
    assert silent == []


# Erasing


def test_after_erasing_nothing_anywhere_says_who_it_was(everywhere: Member, kosuke: Member) -> None:
    mina = everywhere
    browser = signed_in(mina)
    browser.get("/profile/")
    cache.set("of-mina", CANARY)
    before = everything(CANARY)
    assert {"members_member", "outbox_delivery", "search_document", "members_device", "redis 1"} <= set(before)
    cache.delete("of-mina")
    code = mina.code
    answer = browser.post("/profile/data/erasure/", {"sure": "on"})
    assert (answer.status_code, "アカウントを消しました" in answer.content.decode()) == (200, True)
    assert (everything(CANARY), everything(code)) == ([], [])


def test_what_is_the_others_stays_counted(mina: Member, session, hana, ken) -> None:
    past = Attendance.objects.get(member=mina).session
    erasing.erase(mina, now=timezone.now())
    mina.refresh_from_db()
    session.refresh_from_db()
    assert (past.attendances.came().count(), session.seats_taken) == (3, 0)
    assert (mina.name, mina.is_active, mina.joined_at, mina.has_usable_password()) == ("", False, None, False)
    assert Introduction.objects.filter(round__session=past).count() == 1
    assert Concern.objects.get().teller is None
    assert (Rsvp.objects.get(session=past).question, Companion.objects.filter(name=CANARY).count()) == ("", 0)


def test_the_pages_of_the_mornings_still_answer(mina: Member, session, hana, kosuke) -> None:
    past = Attendance.objects.get(member=mina).session
    erasing.erase(mina, now=timezone.now())
    for reader in (hana, kosuke):
        client = Client()
        client.force_login(reader)
        urls = [f"/sessions/{past.code}/", f"/sessions/{session.code}/", "/introductions/", "/circle/", "/members/"]
        urls += [f"/sessions/{past.code}/roster/", f"/sessions/{session.code}/tables/", f"/met/{mina.code}/"]
        answers = [client.get(url).status_code for url in urls]
        assert answers == ([200, 200, 200, 200, 403, *([200, 200] if reader == kosuke else [404, 404]), 404])


def test_again_changes_nothing(mina: Member) -> None:
    erasing.erase(mina, now=timezone.now())
    code = Member.objects.get(pk=mina.pk).code
    erasing.erase(mina, now=timezone.now())
    assert Member.objects.get(pk=mina.pk).code == code


def test_the_only_owner_hands_the_series_on_first(kosuke: Member, series, hana) -> None:
    browser = signed_in(kosuke)
    answer = browser.post("/profile/data/erasure/", {"sure": "on"})
    assert (answer.status_code, Member.objects.get(pk=kosuke.pk).name) == (422, "kosuke")
    assert "朝食会" in answer.content.decode()
    Membership.objects.filter(member=hana).update(role="owner")
    assert browser.post("/profile/data/erasure/", {"sure": "on"}).status_code == 200
    with pytest.raises(ValidationError):
        erasing.erase(hana, now=timezone.now())


def test_whoever_signs_in_later_with_that_address_is_somebody_new(mina: Member) -> None:
    address = mina.email
    erasing.erase(mina, now=timezone.now())
    browser = Client()
    browser.post("/accounts/signup/", {"email": address})
    browser.post("/accounts/signup/code/", {"code": mailed_code()})
    assert Member.objects.filter(email=address).exclude(pk=mina.pk).count() == 1


@pytest.mark.parametrize("page", ["", "file/", "erasure/"])
def test_only_who_signed_in_just_now_comes_there(hana: Member, page: str) -> None:
    client = Client()
    client.force_login(hana)
    for answer in (client.get(f"/profile/data/{page}"), client.post(f"/profile/data/{page}", {"sure": "on"})):
        assert answer["Location"].startswith("/accounts/again/")
    assert (DataExport.objects.count(), Member.objects.filter(erased_at=None).count()) == (0, Member.objects.count())


def test_who_is_not_sure_loses_nothing(hana: Member) -> None:
    browser = signed_in(hana)
    assert browser.post("/profile/data/erasure/", {}).status_code == 422
    assert Member.objects.get(pk=hana.pk).name == "hana"


# The file


def data_of(member: Member) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(exports.packed(member))) as pack:
        assert sorted(pack.namelist()) == ["READ ME.txt", "data.json"]
        found: dict[str, Any] = json.loads(pack.read("data.json"))
        return found


def test_the_file_holds_the_photo_itself_once(hana: Member, media: Path) -> None:
    hana.put_photo(ContentFile(photo().read()))
    with zipfile.ZipFile(io.BytesIO(exports.packed(hana))) as pack:
        (name,) = [one for one in pack.namelist() if one.startswith("files/")]
        assert pack.read(name) == (media / hana.photo.name).read_bytes()
        assert json.loads(pack.read("data.json"))["members.Member"][0]["photo"] == hana.photo.name


def test_the_file_holds_everything_one_said(mina: Member) -> None:
    data = data_of(mina)
    said = {model: [row for row in rows if CANARY in str(row)] for model, rows in data.items()}
    assert sorted(model for model, rows in said.items() if rows) == [
        *("account.EmailAddress",) * EmailAddress.objects.filter(user=mina).count(),
        *("events.Companion", "events.Details", "events.Remembered", "events.Reply", "events.Rsvp", "events.Talk"),
        "events.Visit",
        *("introductions.Exchange", "introductions.Favour", "introductions.FollowUp", "introductions.Introduction"),
        *(
            "introductions.Memory",
            "invitations.Follower",
            "invitations.Wish",
            "members.LineAccount",
            "members.Member",
            "members.News",
        ),
        *("outbox.Delivery", "outbox.Stop", "outbox.Suppression", "records.Intention", "records.Takeaway"),
    ]
    assert len(data["members.Consent"]) == Consent.objects.filter(member=mina).count() == 1


def test_the_file_holds_nothing_that_others_said_and_no_key(mina: Member, hana: Member) -> None:
    Memory.objects.filter(owner=hana).update(note="秘密の覚え書き")
    Concern.objects.filter(about=mina).update(text="言いつけ")
    text = json.dumps(data_of(mina), ensure_ascii=False)
    secrets = ["秘密の覚え書き", "言いつけ", mina.password, '"rendered"', '"data"', '"mark"']
    assert [word for word in secrets if word in text] == []
    assert [len(data_of(hana)["members.Concern"]), len(data_of(mina)["members.Concern"])] == [1, 1]


def test_the_worker_makes_it_once_and_its_owner_takes_it(mina: Member, hana: Member, club) -> None:
    browser = signed_in(mina)
    for _again in range(2):
        browser.post("/profile/data/file/")
    Delivery.objects.all().delete()
    for _again in range(2):
        exports.tick(now=timezone.now())
    export = DataExport.objects.get()
    assert [row.context for row in Delivery.objects.all()] == [{"notice": "export"}]
    taken = browser.get(f"/profile/data/file/{export.code}.zip")
    assert taken["Content-Disposition"] == 'attachment; filename="asakai.zip"'
    assert zipfile.ZipFile(io.BytesIO(b"".join(taken.streaming_content))).testzip() is None
    assert signed_in(hana).get(f"/profile/data/file/{export.code}.zip").status_code == 404
    stored = export.file.path
    exports.tick(now=timezone.now() + timedelta(days=8))
    assert (DataExport.objects.count(), Path(stored).exists()) == (0, False)


def test_erasing_takes_the_file_along(mina: Member, django_capture_on_commit_callbacks) -> None:
    DataExport.objects.ask(mina, now=timezone.now())
    exports.tick(now=timezone.now())
    stored = Path(DataExport.objects.get().file.path)
    assert stored.exists()
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(mina, now=timezone.now())
    assert not stored.exists()


# Retention


def test_what_is_past_its_time_is_forgotten_and_nothing_else(hana: Member, ken: Member, kosuke: Member) -> None:
    now = timezone.now()
    for days, sent in ((31, True), (31, False), (29, True)):
        Delivery.objects.create(
            kind="x", key=f"{days}{sent}", to="x@example.com", language="ja", rendered={"text": "x"},
            created_at=now - timedelta(days=days), sent_at=now if sent else None,
        )  # fmt: skip
    for days in (731, 729):
        told = Concern.objects.tell(hana, ken, "x", kind="other", named=False, now=now - timedelta(days=days))
        told.look("talk", note="", now=now - timedelta(days=days), actor=kosuke)
    for _again in range(2):
        retention.forget(now=now)
    kept = Delivery.objects.filter(rendered__isnull=False).order_by("pk").values_list("key", flat=True)
    assert (list(kept), Concern.objects.count()) == (["31False", "29True"], 1)
    assert Document.objects.count() == 0


@pytest.mark.parametrize(
    ("version", "japanese", "english"),
    [
        ("2026-11", "2026年11月の文面", "the words of November 2026"),
        ("2027-02-09", "2027年2月の文面", "the words of February 2027"),
        ("9c1d4f02aa77be10", "当時の会の文面", "the club’s own words as they stood then"),
    ],
)
def test_what_somebody_agreed_to_is_named_as_people_would(version: str, japanese: str, english: str) -> None:
    row = Consent(text_version=version)
    for language, words in (("ja", japanese), ("en", english)):
        with translation.override(language):
            assert row.words == words
