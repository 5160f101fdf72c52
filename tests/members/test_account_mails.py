"""What the mails about accounts say, word for word."""

import pytest
from django.utils import timezone

from members import moving
from members.mails import NOTICES
from members.models import Club, Member
from outbox import rendering
from outbox.models import Delivery

CODE = {"for": "sign-in", "code": "KQT482", "minutes": 15}


def mail(kind: str, language: str, context: dict[str, object]) -> dict[str, object]:
    owed = Delivery(kind=kind, key="k", to="hana@example.com", language=language, context=context)
    return rendering.render(owed, rendering.letter(owed))


def test_the_code_in_japanese(club: Club) -> None:
    said = mail("account.code", "ja", CODE)
    assert said["subject"] == "ログインの番号は KQT482 です"
    assert said["text"] == (
        "ログインの番号です\n"
        "\n"
        "    KQT482\n"
        "\n"
        "番号をお求めになったページに、15分のうちにお書きください。\n"
        "お心当たりがなければ、そのままで大丈夫です。番号がなければ、だれもログインできません。\n"
        "\n"
        "----\n"
        "会のサイトでこのアドレスが入力されたので、お送りしています。入力したのは、おそらくご本人です。\n"
        "河口の朝会\n"
        "http://localhost:8000\n"
    )
    assert ">KQT482<" in str(said["html"])


def test_the_code_in_english(club: Club) -> None:
    said = mail("account.code", "en", CODE)
    assert said["subject"] == "KQT482 is your code to sign in"
    assert said["text"] == (
        "Your code to sign in:\n"
        "\n"
        "    KQT482\n"
        "\n"
        "Please type it on the page where you asked for it, within 15 minutes.\n"
        "If you did not ask for it, you need do nothing: without the code nobody gets in.\n"
        "\n"
        "----\n"
        "You get this mail because somebody, most likely you, typed this address on our site.\n"
        "Estuary Breakfast\n"
        "http://localhost:8000\n"
    )


def test_a_code_for_signing_up_says_so(club: Club) -> None:
    said = [mail("account.code", language, CODE | {"for": "sign-up"})["subject"] for language in ("ja", "en")]
    assert said == ["登録の番号は KQT482 です", "KQT482 is your code to sign up"]


def test_nobody_with_this_address_in_japanese(club: Club) -> None:
    said = mail("account.notice", "ja", {"notice": "unknown"})
    assert said["subject"] == "このアドレスの登録は、まだありません"
    assert said["text"] == (
        "このアドレスの登録は、まだありません\n"
        "\n"
        "ログインの番号をお求めでしたが、このアドレスでの登録がありません。\n"
        "別のアドレスでご登録かもしれません。はじめての方は、1分ほどで登録できます。\n"
        "\n"
        "はじめて登録する\n"
        "http://localhost:8000/accounts/signup/\n"
        "\n"
        "----\n"
        "会のサイトでこのアドレスが入力されたので、お送りしています。入力したのは、おそらくご本人です。\n"
        "河口の朝会\n"
        "http://localhost:8000\n"
    )


@pytest.mark.parametrize("notice", sorted(NOTICES))
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_notice_is_whole_in_both_languages(club: Club, hana: Member, notice: str, language: str) -> None:
    moving.move(hana, "hana@example.org", now=timezone.now())
    more = {"former": hana.former_addresses.get().pk} if notice == "address-left" else {}
    said = mail("account.notice", language, {"notice": notice} | more)
    html = str(said["html"])
    assert (len(html.encode()) < 40_000, f'<html lang="{language}">' in html, "src=" in html) == (True, True, False)
    assert str(said["subject"]) in str(said["text"])


def test_what_an_apostrophe_is_in_text(club: Club) -> None:
    """Text is no HTML: no &#x27; in it."""
    Club.objects.update(name="O'Hara & 朝会")
    assert "\nO'Hara & 朝会\n" in str(mail("account.code", "ja", CODE)["text"])


def test_the_old_address_is_told_in_both_languages(club: Club, hana: Member) -> None:
    moving.move(hana, "hana@example.org", now=timezone.now())
    former = hana.former_addresses.get()
    said = {
        language: mail("account.notice", language, {"notice": "address-left", "former": former.pk})
        for language in ("ja", "en")
    }
    assert [said[language]["subject"] for language in said] == [
        "メールアドレスが変わりました",
        "Your mail address was changed",
    ]
    assert said["ja"]["text"] == (
        "メールアドレスが変わりました\n"
        "\n"
        "あなたの登録のメールアドレスが変わりました。このアドレスには、もうメールは届きません。\n"
        "お心当たりがなければ、7日のうちにお取り消しください。"
        "登録は元のアドレスに戻り、すべての端末がログアウトされます。\n"
        "\n"
        "自分ではありません\n"
        f"{moving.undo_url(former)}\n"
        "\n"
        "----\n"
        "ご自身のアカウントのことなので、お送りしています。\n"
        "河口の朝会\n"
        "http://localhost:8000\n"
    )
    assert "example.org" not in str(said)


@pytest.mark.parametrize(
    ("what_for", "subjects"),
    [
        ("again", ["続けるための番号は KQT482 です", "KQT482 is your code to go on"]),
        ("move", ["新しいアドレスの確認の番号は KQT482 です", "KQT482 is your code for the new address"]),
    ],
)
def test_a_code_says_what_it_is_for(club: Club, what_for: str, subjects: list[str]) -> None:
    said = [mail("account.code", language, CODE | {"for": what_for})["subject"] for language in ("ja", "en")]
    assert said == subjects
