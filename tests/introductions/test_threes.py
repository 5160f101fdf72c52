"""Three at once: two accepted pairs with one person in both, where all three like it; a no leaves a pair."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.models import Session
from introductions import consent
from introductions.acquaintance import Exchange
from introductions.models import Introduction, Round
from introductions.openness import Openness
from introductions.threes import Three, third_of
from members.models import Block, Member
from outbox.models import Delivery
from tests.introductions.test_answers import NOW, dropped, sent

PEOPLE = range(6)
PAIRS = [frozenset(two) for two in combinations(PEOPLE, 2)]


# The rule


@given(
    order=st.lists(st.sampled_from(PAIRS), unique=True, max_size=8),
    likes=st.sets(st.sampled_from(PEOPLE)),
    apart=st.sets(st.sampled_from(PAIRS)),
)
def test_in_whatever_order_pairs_are_made_the_threes_keep_the_rule(order, likes, apart) -> None:
    made, threes, taken = set(), [], set()
    for pair in order:
        made.add(pair)
        third = third_of(pair, made, likes, apart - made, taken)
        if third is not None:
            threes.append(frozenset({*pair, third}))
            taken |= threes[-1]
    assert len(taken) == 3 * len(threes)
    for three in threes:
        pairs = [frozenset(two) for two in combinations(three, 2)]
        assert three <= likes
        assert sum(pair in made for pair in pairs) >= 2
        assert not any(pair in apart and pair not in made for pair in pairs)
    # Nothing is left that the rule would have joined when the later of its two pairs was made.
    for one, other in combinations(order, 2):
        three = one | other
        if len(three) == 3 and three <= likes and not three & taken:
            assert (one ^ other) in apart - made


def test_without_a_shared_person_there_is_no_three() -> None:
    pair, other = frozenset({1, 2}), frozenset({3, 4})
    assert third_of(pair, {pair, other}, {1, 2, 3, 4}, set(), set()) is None
    assert third_of(pair, {pair, frozenset({2, 3})}, {1, 2, 3}, set(), set()) == 3


# In the club


@pytest.fixture
def rei(person: Callable[..., Member], agree: Callable[..., None]) -> Member:
    rei = person("rei", yomi="れい", industry="K", role="空き家の相談員", ask_me="統計と空き家")
    agree(rei)
    return rei


@pytest.fixture
def two(make_morning: Callable[..., Session], agree, hana: Member, ken: Member, rei: Member) -> list[Introduction]:
    """ken was asked about hana, and about rei, after the same morning; all three like threes."""
    agree(hana, ken)
    for member in (hana, ken, rei):
        Openness.say(member, {"threes"}, now=NOW())
    session = make_morning(hana, ken, rei, number=36)
    round_ = Round.objects.create(session=session, seed="x", computed_at=NOW())
    pairs = [
        Introduction.objects.create(round=round_, first=one, second=other, value=1, terms={"a_learns": 1})
        for one, other in (sorted((hana, ken), key=lambda m: m.pk), sorted((ken, rei), key=lambda m: m.pk))
    ]
    round_.release(now=NOW(), actor=None)
    for pair in pairs:
        pair.refresh_from_db()
    Delivery.objects.filter(kind="intro.ask").delete()
    return pairs


def say_yes(*pairs: Introduction) -> None:
    for pair in pairs:
        for member in (pair.first, pair.second):
            pair.answer(member, yes=True, now=NOW())


def owed() -> list[tuple[str, str]]:
    return [(row.kind, row.to.split("@")[0]) for row in Delivery.objects.order_by("pk")]


def test_the_second_pair_makes_three_who_are_written_to_once_each(two, hana, rei) -> None:
    say_yes(two[0])
    assert owed() == [("intro.made", "hana"), ("intro.made", "ken")]
    say_yes(two[1])
    assert owed()[2:] == [("intro.three", "hana"), ("intro.three", "ken"), ("intro.three", "rei")]
    assert Exchange.objects.filter(member__in=[hana, rei], other__in=[hana, rei]).count() == 2
    # The first pair's own mails had not gone yet: the mail to three says it all.
    gone = [one.subject for one in sent()]
    assert (len(gone), dropped()) == (3, ["in a three"] * 2)


@pytest.mark.parametrize("which", [0, 1])
def test_one_no_leaves_a_pair(two, which: int) -> None:
    two[which].answer(two[which].first, yes=False, now=NOW())
    two[which].answer(two[which].second, yes=True, now=NOW())
    say_yes(two[1 - which])
    assert ([kind for kind, _to in owed()], Three.objects.count()) == (["intro.made"] * 2, 0)


@pytest.mark.parametrize(
    "what", ["one does not like threes", "block", "blocked", "consent", "account", "asked in vain"]
)
def test_what_keeps_three_from_meeting_leaves_two_pairs(two, hana, rei, make_morning, what: str) -> None:
    say_yes(two[0])
    if what == "one does not like threes":
        Openness.say(hana, {"connects"}, now=NOW())
    elif what == "block":
        Block.objects.create(member=hana, other=rei)
    elif what == "blocked":
        Block.objects.create(member=rei, other=hana)
    elif what == "consent":
        consent.refuse(hana, now=NOW())
    elif what == "account":
        Member.objects.filter(pk=hana.pk).update(is_active=False)
    else:
        earlier = Round.objects.create(session=make_morning(days=60), seed="x")
        first, second = sorted((hana, rei), key=lambda member: member.pk)
        Introduction.objects.create(round=earlier, first=first, second=second, value=1, first_answer="no")
    say_yes(two[1])
    assert (Three.objects.count(), [kind for kind, _to in owed()]) == (0, ["intro.made"] * 4)


def test_what_comes_between_later_keeps_the_mail_from_going(two, hana, rei) -> None:
    say_yes(*two)
    Block.objects.create(member=hana, other=rei)
    assert (sent(), sorted(set(dropped()))) == ([], ["apart", "in a three"])


def test_the_mail_for_three_word_for_word(two, ken) -> None:
    start = datetime.fromisoformat("2026-11-26T07:00:00+09:00")
    Session.objects.update(starts_at=start, ends_at=start + timedelta(minutes=80))
    say_yes(*two)
    (mail,) = [one for one in sent() if one.to == ["ken@example.com"]]
    assert (mail.subject, mail.reply_to) == (
        "kenさん、hanaさん、reiさんを三人でおつなぎします", ["hana@example.com, rei@example.com"]
    )  # fmt: skip
    assert (
        mail.body.split("届くメールを選ぶ")[0]
        == """\
kenさん、11月26日(木)はお越しくださり、ありがとうございました。この日のご紹介が二つととのいました。皆さま「三人で会う」に印をくださっていますので、三人いっしょにご紹介します。

hanaさん <hana@example.com>
食品の流通
- hanaさんは「食品の流通」のことなら何でも聞いてください、とのことです。
- hanaさんは「統計の読み方」を知りたいそうです。「統計の探し方」のお話が、お役に立ちそうです。
- この朝がはじめての同席でした。
最初の話題に: 「『食品の流通』には、どんなきっかけで関わるようになりましたか」

reiさん <rei@example.com>
空き家の相談員
- 「食品の流通」を知りたい、とお書きでした。
- reiさんは「統計と空き家」のことなら何でも聞いてください、とのことです。
- この朝がはじめての同席でした。
最初の話題に: 「『統計と空き家』には、どんなきっかけで関わるようになりましたか」

このメールに返信していただくと、お二人に届きます。お二人にも同じようにお送りしました。次の朝食会のあとに、三人でコーヒーでもいかがですか。

----
それぞれ「はい」とお答えになり、「三人で会う」にも印のある三人だけに、お送りしています。
"""
    )


def test_who_was_not_asked_about_the_third_reads_through_whom_and_has_a_first_question(two) -> None:
    say_yes(*two)
    (mail,) = [one for one in sent() if one.to == ["hana@example.com"]]
    about_rei = mail.body.split("reiさん <rei@example.com>")[1].split("このメールに返信")[0].strip()
    assert about_rei == (
        "空き家の相談員\n- kenさんを、お二人それぞれにご紹介しました。\n"
        "最初の話題に: 「『統計と空き家』には、どんなきっかけで関わるようになりましたか」"
    )
