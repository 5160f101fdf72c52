"""Who paid, receipts that are never changed, and the purse of a series."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdfium2 import PdfDocument

from events import check_in, roster
from events.models import Series, Session, Talk, TalkSpeaker
from members.models import Activity, Member
from purse import books, collecting, receipts, steps
from purse.collecting import PurseError
from purse.models import Bill, Entry, Issuer, Payment, Receipt
from speakers.models import Speaker

WHEN = datetime(2026, 3, 11, 22, 0, tzinfo=UTC)
NOW = WHEN + timedelta(hours=2)


@pytest.fixture
def morning(make_session: Callable[..., Session], hana: Member, ken: Member, kosuke: Member) -> Session:
    """hana with a friend, ken and kosuke came; it is over."""
    session = make_session(starts_at=WHEN, number=132)
    for member in (hana, ken, kosuke):
        session.rsvp(member, "ACCEPTED", now=WHEN - timedelta(days=3))
    session.add_friend(hana, "友田 一", now=WHEN - timedelta(days=3))
    roster.close(session, now=NOW, actor=kosuke)
    return session


@pytest.fixture
def issuer(series: Series) -> Issuer:
    return Issuer.objects.create(series=series, name="かもめ橋朝食会 潮見耕介", registration="T1234567890123")


def key(session: Session, name: str) -> str:
    return next(payer.key for payer in collecting.till(session).payers if payer.name == name)


def draw(session: Session, member: Member, **said: str) -> Receipt:
    words = {"addressee": "かもめ商店", "suffix": "御中", "purpose": "会費"} | said
    return receipts.draw_up(session, member, **words, now=NOW)


def test_everybody_who_came_pays_the_fee(morning: Session, kosuke: Member) -> None:
    till = collecting.till(morning)
    assert [payer.name for payer in till.payers] == ["ken", "kosuke", "hana", "友田 一"]
    assert (till.each, till.unpaid, till.taken) == (2000, 4, 0)
    collecting.pay(morning, key(morning, "ken"), "phone", now=NOW, actor=kosuke)
    till = collecting.till(morning)
    assert (till.unpaid, till.taken) == (3, 2000)


def test_all_the_others_paid_in_one_tap_and_each_can_be_undone(
    client: Client, morning: Session, kosuke: Member
) -> None:
    client.force_login(kosuke)
    page = f"/sessions/{morning.code}/fees/"
    collecting.pay(morning, key(morning, "ken"), "phone", now=NOW, actor=kosuke)
    assert client.post(f"{page}payments/rest/", {"how": "nonsense"}).status_code == 422
    for _tap in range(2):
        assert client.post(f"{page}payments/rest/", {"how": "cash"}).status_code == 302
    paid = Payment.objects.order_by("pk").values_list("member__name", "name", "amount", "how")
    assert list(paid) == [
        ("ken", "", 2000, "phone"),
        ("kosuke", "", 2000, "cash"),
        ("hana", "", 2000, "cash"),
        (None, "友田 一", 2000, "cash"),
    ]
    told = Activity.objects.filter(verb="purse.pay_rest").values_list("detail", flat=True)
    assert list(told) == [{"people": 3, "amount": 2000, "how": "cash"}]
    collecting.take_back(morning, key(morning, "hana"), now=NOW, actor=kosuke)
    assert collecting.till(morning).rest == 1


def test_where_there_is_nothing_to_pay_nobody_has_paid(client: Client, morning: Session, kosuke: Member) -> None:
    Session.objects.filter(pk=morning.pk).update(fee_amount=0)
    client.force_login(kosuke)
    assert client.post(f"/sessions/{morning.code}/fees/payments/rest/", {"how": "cash"}).status_code == 409
    assert not Payment.objects.exists()


def test_a_bill_is_divided_as_the_last_one_was(
    client: Client, morning: Session, make_session: Callable[..., Session], kosuke: Member
) -> None:
    last = make_session(starts_at=WHEN - timedelta(days=28))
    Bill.objects.create(session=last, total=9000, is_split=True, step=500, rounding="down")
    bill = collecting.bill_of(morning)
    assert (bill.pk, bill.is_split, bill.step, bill.rounding) == (None, True, 500, "down")
    client.force_login(kosuke)
    form = client.get(f"/sessions/{morning.code}/fees/").context["form"]
    assert (form["is_split"].value(), form["step"].value(), form["total"].value()) == (True, 500, None)


def test_the_desk_asks_who_paid_until_all_have_or_three_days_are_over(morning: Session, kosuke: Member) -> None:
    def said(at: datetime = NOW) -> list[str]:
        return [step.what for step in steps.steps(list(Session.objects.all()), at)]

    assert said() == ["4人がまだ払っていません"]
    collecting.pay(morning, key(morning, "ken"), "cash", now=NOW, actor=kosuke)
    assert (said(), said(NOW + timedelta(days=3))) == (["3人がまだ払っていません"], [])
    collecting.pay_rest(morning, "cash", now=NOW, actor=kosuke)
    assert said() == []


def test_what_the_desk_asks_of_money_costs_the_same_with_thirty_mornings(
    morning: Session, make_session: Callable[..., Session], django_assert_num_queries: Callable[..., object]
) -> None:
    for count in (1, 30):
        for n in range(count):
            made = make_session(starts_at=WHEN - timedelta(minutes=n + count), roster_closed_at=NOW)
            made.attendances.create(name=f"客{n}")
        sessions = list(Session.objects.all())
        with django_assert_num_queries(2):
            assert len(list(steps.steps(sessions, NOW))) > count


@pytest.fixture
def late(make_session: Callable[..., Session], hana: Member, ken: Member, kosuke: Member) -> Session:
    """hana and kosuke came; ken gave his seat back after the restaurant had its number."""
    told = WHEN - timedelta(days=1)
    session = make_session(starts_at=WHEN, headcount_at=told, late_amount=1500)
    for member in (hana, ken, kosuke):
        session.rsvp(member, "ACCEPTED", now=WHEN - timedelta(days=3))
    session.rsvp(ken, "DECLINED", now=told + timedelta(hours=1), agreed=1500)
    roster.close(session, now=NOW, actor=kosuke)
    return session


def test_who_left_late_owes_the_restaurants_price_and_the_others_do_not_pay_it(late: Session, kosuke: Member) -> None:
    Bill.objects.create(session=late, total=5500, is_split=True, step=100)
    till = collecting.till(late)
    assert [(one.member.name, one.amount) for one in till.late] == [("ken", 1500)]
    assert (till.each, till.unpaid, till.share.over) == (2000, 3, 0)
    collecting.pay(late, till.late[0].key, "transfer", now=NOW, actor=kosuke)
    till = collecting.till(late)
    assert (till.unpaid, till.taken, till.gone) == (2, 1500, [])
    with pytest.raises(PurseError, match="お支払い済み"):
        collecting.waive(late, till.late[0].key, waived=True, now=NOW, actor=kosuke)


def test_a_host_waives_it_with_one_tap_and_may_ask_after_all(late: Session, kosuke: Member, client: Client) -> None:
    client.force_login(kosuke)
    page, who = f"/sessions/{late.code}/fees/", collecting.till(late).late[0].key
    assert "お店に人数をお伝えしたあとに取りやめた方" in client.get(page).content.decode()
    for _twice in range(2):
        assert client.post(f"{page}waiver/", {"who": who, "waived": "yes"}).status_code == 302
    assert (collecting.till(late).unpaid, collecting.till(late).late[0].due) == (2, 0)
    refused = client.post(f"{page}payments/", {"who": who, "how": "cash"})
    assert (refused.status_code, "免除した分です" in refused.content.decode()) == (409, True)
    client.post(f"{page}waiver/", {"who": who, "waived": "no"})
    assert collecting.till(late).unpaid == 3
    verbs = Activity.objects.filter(verb="purse.waive").values_list("detail__waived", flat=True)
    assert list(verbs) == [True, False]


def test_the_guest_is_in_the_bill_and_does_not_pay(morning: Session, sato: Speaker, ken: Member) -> None:
    sato.member = ken
    sato.save()
    talk = Talk.objects.create(session=morning, title="帳場")
    TalkSpeaker.objects.create(talk=talk, speaker=sato)
    Bill.objects.create(session=morning, total=9000, is_split=True, step=100)
    till = collecting.till(morning)
    assert [payer.name for payer in till.payers] == ["kosuke", "hana", "友田 一"]
    assert till.each == 3000


def test_paying_twice_is_paying_once(morning: Session, kosuke: Member) -> None:
    who = key(morning, "ken")
    first = collecting.pay(morning, who, "cash", now=NOW, actor=kosuke)
    assert collecting.pay(morning, who, "phone", now=NOW, actor=kosuke) == first
    assert Payment.objects.get().how == "cash"


def test_what_was_paid_stays_when_the_list_is_opened_again(morning: Session, kosuke: Member, ken: Member) -> None:
    collecting.pay(morning, key(morning, "ken"), "cash", now=NOW, actor=kosuke)
    roster.reopen(morning, now=NOW, actor=kosuke)
    check_in.mark(morning, f"m{ken.pk}", here=False, now=NOW, actor=kosuke)
    roster.close(morning, absent={f"m{ken.pk}"}, now=NOW, actor=kosuke)
    till = collecting.till(morning)
    assert ([payment.member for payment in till.gone], till.taken) == ([ken], 2000)


def test_a_stranger_to_the_list_and_a_free_morning_take_no_money(morning: Session, kosuke: Member) -> None:
    with pytest.raises(PurseError, match="この方は、もう名簿にありません"):
        collecting.pay(morning, "m999999", "cash", now=NOW, actor=kosuke)
    Session.objects.filter(pk=morning.pk).update(fee_amount=0)
    morning.refresh_from_db()
    with pytest.raises(PurseError, match="会費がありません"):
        collecting.pay(morning, key(morning, "ken"), "cash", now=NOW, actor=kosuke)


def test_a_receipt_is_for_what_one_gave_and_ones_friends(
    morning: Session, hana: Member, kosuke: Member, issuer: Issuer
) -> None:
    for name in ("hana", "友田 一", "ken"):
        collecting.pay(morning, key(morning, name), "cash", now=NOW, actor=kosuke)
    receipt = draw(morning, hana)
    assert (receipt.number, receipt.amount, receipt.people, receipt.paid_on) == (1, 4000, 2, date(2026, 3, 12))
    assert (receipt.issuer, receipt.registration) == (issuer.name, "T1234567890123")


def test_without_payment_or_issuer_there_is_no_receipt(morning: Session, hana: Member, series: Series) -> None:
    with pytest.raises(PurseError, match="発行者"):
        draw(morning, hana)
    Issuer.objects.create(series=series, name="x")
    with pytest.raises(PurseError, match="記録がまだ"):
        draw(morning, hana)
    assert Receipt.objects.count() == 0


def test_before_it_is_said_in_whose_name_the_page_says_so_and_asks_for_nothing(
    client: Client, morning: Session, ken: Member, kosuke: Member, series: Series
) -> None:
    collecting.pay(morning, key(morning, "ken"), "cash", now=NOW, actor=kosuke)
    client.force_login(ken)
    address, shown = f"/sessions/{morning.code}/receipt/", []
    for _once in range(2):
        page = client.get(address).content.decode()
        shown.append(("発行者が、まだ決まっていません" in page, 'name="addressee"' in page))
        Issuer.objects.get_or_create(series=series, name="x")
    assert shown == [(True, False), (False, True)]


def test_the_fees_ask_the_host_in_whose_name_receipts_go(
    client: Client, morning: Session, kosuke: Member, series: Series
) -> None:
    client.force_login(kosuke)
    address, shown = f"/sessions/{morning.code}/fees/", []
    for _once in range(2):
        shown.append("領収書の発行者を決める" in client.get(address).content.decode())
        Issuer.objects.get_or_create(series=series, name="x")
    assert shown == [True, False]


def test_a_receipt_is_never_changed_only_voided_and_replaced(
    morning: Session, ken: Member, kosuke: Member, issuer: Issuer
) -> None:
    collecting.pay(morning, key(morning, "ken"), "cash", now=NOW, actor=kosuke)
    first = draw(morning, ken)
    assert draw(morning, ken, addressee="ほか") == first
    Issuer.objects.update(name="ほか")
    first.refresh_from_db()
    assert (first.addressee, first.issuer) == ("かもめ商店", "かもめ橋朝食会 潮見耕介")
    with pytest.raises(PurseError, match=r"No\. 0001"):
        collecting.take_back(morning, key(morning, "ken"), now=NOW, actor=kosuke)
    receipts.void(first, reason="宛名ちがい", now=NOW, actor=kosuke)
    second = draw(morning, ken, addressee="ほか")
    assert (second.number, second.issuer) == (2, "ほか")
    with pytest.raises(PurseError, match="無効"):
        receipts.take(first, now=NOW)


def test_a_friends_payment_cannot_be_taken_back_under_a_receipt(
    morning: Session, hana: Member, kosuke: Member, issuer: Issuer
) -> None:
    collecting.pay(morning, key(morning, "友田 一"), "cash", now=NOW, actor=kosuke)
    draw(morning, hana)
    with pytest.raises(PurseError):
        collecting.take_back(morning, key(morning, "友田 一"), now=NOW, actor=kosuke)


def test_only_the_first_paper_is_the_original(morning: Session, ken: Member, kosuke: Member, issuer: Issuer) -> None:
    collecting.pay(morning, key(morning, "ken"), "cash", now=NOW, actor=kosuke)
    receipt = draw(morning, ken)
    assert receipts.take(receipt, now=NOW) == 0
    assert receipts.take(receipt, now=NOW + timedelta(minutes=1)) == 0
    assert receipts.take(receipt, now=NOW + timedelta(minutes=3)) == 1
    assert receipts.take(receipt, now=NOW + timedelta(days=3)) == 2


def test_the_paper_says_what_the_row_says(
    client: Client, morning: Session, ken: Member, kosuke: Member, issuer: Issuer
) -> None:
    collecting.pay(morning, key(morning, "ken"), "cash", now=NOW, actor=kosuke)
    receipt = draw(morning, ken, addressee="髙橋 齋", suffix="様", purpose="第132回 朝食会 会費")
    client.force_login(ken)

    def taken() -> str:
        response = client.post(f"/receipts/{receipt.code}/taking/")
        return "".join(PdfDocument(response.content)[0].get_textpage().get_text_range().split())

    words = ["領収書", "No.0001", "2026年3月12日(木)", "髙橋齋様", "2,000円", "但し第132回朝食会会費として"]
    words += ["上記の金額を正に領収いたしました。", "".join(issuer.name.split()), "登録番号T1234567890123"]
    first = taken()
    assert [first.count(word) for word in words] == [1] * len(words)
    assert len(first) == sum(map(len, words))
    Receipt.objects.update(taken_at=receipt.drawn_up_at + timedelta(seconds=1))
    again = taken()
    assert ("再発行（1）" in again, len(again)) == (True, len(first) + len("再発行（1）"))
    receipts.void(receipt, reason="宛名ちがい", now=timezone.now(), actor=kosuke)
    client.force_login(kosuke)
    book_copy = client.get(f"/receipts/{receipt.code}.pdf").content
    assert "無効" in PdfDocument(book_copy)[0].get_textpage().get_text_range()


def test_the_database_holds_one_valid_receipt_and_every_number_once(
    morning: Session, ken: Member, kosuke: Member, issuer: Issuer
) -> None:
    collecting.pay(morning, key(morning, "ken"), "cash", now=NOW, actor=kosuke)
    receipt = draw(morning, ken)
    for change in ({"number": 1, "member": kosuke}, {"number": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Receipt.objects.create(**{
                "series": receipt.series, "session": morning, "member": ken, "addressee": "x", "purpose": "x",
                "amount": 1, "paid_on": receipt.paid_on, "issuer": "x",
            } | change)  # fmt: skip


def test_who_changes_the_name_does_not_turn_the_numbers_back(
    client: Client, morning: Session, ken: Member, kosuke: Member, issuer: Issuer
) -> None:
    """The form was opened before the receipt was drawn up, and is sent after it."""
    collecting.pay(morning, key(morning, "ken"), "cash", now=NOW, actor=kosuke)
    draw(morning, ken)
    client.force_login(kosuke)
    page = f"/series/{morning.series.slug}/receipts/"
    assert client.post(page, {"name": "ほか", "registration": "T12"}).status_code == 422
    assert client.post(page, {"name": "ほか", "address": "", "registration": ""}).status_code == 302
    assert list(Issuer.objects.values_list("name", "registration", "last_number")) == [("ほか", "", 1)]


@pytest.mark.django_db(transaction=True)
def test_no_number_is_missing_or_double_when_all_draw_up_at_once(
    make_session: Callable[..., Session], person: Callable[..., Member], kosuke: Member, series: Series
) -> None:
    Issuer.objects.create(series=series, name="x")
    session = make_session(starts_at=WHEN)
    members = [person(f"m{number}") for number in range(8)]
    for member in members:
        session.rsvp(member, "ACCEPTED", now=WHEN - timedelta(days=3))
    roster.close(session, now=NOW, actor=kosuke)
    for member in members:
        collecting.pay(session, f"m{member.pk}", "cash", now=NOW, actor=kosuke)
    barrier = threading.Barrier(16)

    def one(member: Member) -> None:
        barrier.wait()
        draw(session, member)
        connection.close()

    threads = [threading.Thread(target=one, args=(member,)) for member in members * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(Receipt.objects.values_list("number", flat=True)) == list(range(1, 9))


def test_the_purse_carries_forward_from_year_to_year(
    make_session: Callable[..., Session], series: Series, ken: Member, kosuke: Member
) -> None:
    for starts_at, total in ((WHEN - timedelta(days=365), 1500), (WHEN, 2600)):
        session = make_session(starts_at=starts_at, number=starts_at.year)
        session.rsvp(ken, "ACCEPTED", now=starts_at - timedelta(days=3))
        later = starts_at + timedelta(hours=2)
        roster.close(session, now=later, actor=kosuke)
        collecting.pay(session, f"m{ken.pk}", "cash", now=later, actor=kosuke)
        Bill.objects.create(session=session, total=total)
    Entry.objects.create(series=series, on=date(2026, 5, 1), what="名札の紙", amount=-300)
    book = books.book(series, None)
    assert (book.year, list(book.years), book.before) == (2026, [2026, 2025], 500)
    assert [(line.what, line.into, line.out, line.left) for line in book.lines] == [
        ("第2026回", 2000, 2600, -100),
        ("名札の紙", 0, 300, -400),
    ]
    assert (books.book(series, 2025).left, book.left) == (500, -400)


def test_the_host_notes_payments_and_the_bill_by_the_page(client: Client, morning: Session, kosuke: Member) -> None:
    client.force_login(kosuke)
    page = f"/sessions/{morning.code}/fees/"
    assert client.post(f"{page}payments/", {"who": key(morning, "ken"), "how": "cash"}).status_code == 302
    assert client.post(f"{page}payments/", {"who": key(morning, "hana"), "how": "nonsense"}).status_code == 422
    wrong = client.post(page, {"total": "12.5", "step": "100", "rounding": "up"})
    assert wrong.status_code == 422
    assert 'value="12.5"' in wrong.content.decode()
    sent = {"total": "9,300".replace(",", ""), "is_split": "on", "step": "100", "rounding": "up"}
    assert client.post(page, sent).status_code == 302
    till = collecting.till(morning)
    assert (till.each, till.share.over, till.over) == (2400, 300, 2000 - 9300)
    client.post(f"{page}payments/removal/", {"who": key(morning, "ken")})
    assert not Payment.objects.exists()


def test_the_till_in_english_calls_people_by_their_latin_names(
    client: Client, late: Session, hana: Member, kosuke: Member
) -> None:
    Member.objects.filter(pk__in=[hana.pk, kosuke.pk]).update(name="有馬 花", yomi="ありま はな", romaji="Hana Arima")
    client.force_login(kosuke)
    shown = []
    for language in ("ja", "en"):
        page = client.get(f"/sessions/{late.code}/fees/", headers={"accept-language": language}).content.decode()
        shown.append((page.count("<b>Hana Arima</b>"), page.count("<ruby>有馬<rt>")))
    assert shown == [(0, 2), (2, 0)]


def test_a_member_draws_up_the_receipt_of_their_own_morning_alone(
    client: Client, morning: Session, ken: Member, kosuke: Member, mallory: Member, issuer: Issuer
) -> None:
    collecting.pay(morning, key(morning, "ken"), "cash", now=NOW, actor=kosuke)
    page = f"/sessions/{morning.code}/receipt/"
    client.force_login(ken)
    assert 'value="第132回 朝食会 会費"' in client.get(page).content.decode()
    assert client.get(page).context["form"].initial["suffix"] == "様"
    Member.objects.filter(pk=ken.pk).update(organisation="かもめ商店")
    first = client.get(page).context["form"].initial
    assert (first["addressee"], first["suffix"]) == ("かもめ商店", "御中")
    typed = {"addressee": "", "suffix": "様", "purpose": "会費"}
    assert client.post(page, typed).status_code == 422
    assert client.post(page, typed | {"addressee": "ken"}).status_code == 302
    receipt = Receipt.objects.get()
    client.force_login(mallory)
    assert [client.get(page).status_code, client.post(f"/receipts/{receipt.code}/taking/").status_code] == [404, 404]
    assert client.post(f"/receipts/{receipt.code}/voiding/", {"reason": "x"}).status_code == 404


def test_the_purse_is_open_to_those_who_belong_to_the_series(
    client: Client, series: Series, hana: Member, mallory: Member, kosuke: Member
) -> None:
    page = f"/series/{series.slug}/purse/"
    spent = {"on": "2026-05-01", "what": "名札の紙", "amount": "300", "way": "out"}
    for member, status in ((hana, 200), (mallory, 404), (kosuke, 200)):
        client.force_login(member)
        assert client.get(page).status_code == status
    client.force_login(hana)
    client.post(page, spent)
    assert not Entry.objects.exists()
    client.force_login(kosuke)
    assert client.post(page, spent | {"amount": "0"}).status_code == 422
    assert client.post(page, spent).status_code == 302
    assert Entry.objects.get().amount == -300


def test_the_till_costs_the_same_for_thirty(
    client: Client, make_session: Callable[..., Session], kosuke: Member, person: Callable[..., Member]
) -> None:
    session = make_session(starts_at=WHEN, capacity=40)
    client.force_login(kosuke)
    client.get(f"/sessions/{session.code}/fees/")
    for number in range(30):
        session.rsvp(person(f"m{number}"), "ACCEPTED", now=WHEN - timedelta(days=3))
        if number in (0, 29):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(f"/sessions/{session.code}/fees/").status_code == 200
            assert len(asked) == 15
