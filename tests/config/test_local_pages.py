"""The mailbox, the style guide and one-click sign-in: there in local mode and tests, impossible in production."""

import base64
import hashlib
import os
import subprocess
import sys

import pytest
from django.core.mail import EmailMultiAlternatives
from django.http import Http404
from django.test import Client, RequestFactory
from django.utils.html import escape

from config import local_urls, samples
from members.models import Member
from outbox.frame import policy
from outbox.models import MailboxMessage

PRODUCTION = {
    "ASAKAI_MODE": "production",
    "SITE_URL": "https://asakai.example",
    "SECRET_KEY": "x" * 60,
    "DATABASE_URL": "postgresql://asakai@localhost/asakai",
    "REDIS_URL": "redis://localhost:6379",
    "EMAIL_URL": "smtp://localhost",
    "MAIL_FROM": "asakai@asakai.example",
}
ASK = """if True:
    import django
    django.setup()
    from django.urls import Resolver404, reverse, resolve
    from tests.crawl import names
    from config import urls
    print(*sorted(names(urls.urlpatterns)))
    gallery = ("/mailbox/gallery/", "/mailbox/gallery/rsvp.confirmed/ja/")
    for address in ("/mailbox/", "/mailbox/1/", *gallery, "/styleguide/", "/accounts/sample/abc/"):
        try:
            print(resolve(address))
        except Resolver404:
            print("nothing at", address)
"""


def test_production_has_none_of_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={"PATH": os.defpath, "DJANGO_SETTINGS_MODULE": "config.settings", **PRODUCTION},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    names, *addresses = done.stdout.splitlines()
    assert {"healthz", "account_login"} - set(names.split()) == set()
    assert {pattern.name for pattern in local_urls.urlpatterns} & set(names.split()) == set()
    assert addresses == [
        "nothing at /mailbox/",
        "nothing at /mailbox/1/",
        "nothing at /mailbox/gallery/",
        "nothing at /mailbox/gallery/rsvp.confirmed/ja/",
        "nothing at /styleguide/",
        "nothing at /accounts/sample/abc/",
    ]


def test_one_click_sign_in_refuses_by_itself_in_production(hana: Member, settings) -> None:
    settings.LOCAL = settings.TEST = False
    with pytest.raises(Http404):
        samples.sign_in_as(RequestFactory().post("/"), hana.code)


def test_the_sign_in_page_names_sample_people_only_where_they_can_sign_in(hana: Member, settings) -> None:
    offered = f'action="/accounts/sample/{hana.code}/"'
    shown = Client().get("/accounts/login/").content.decode()
    settings.LOCAL = settings.TEST = False
    hidden = Client().get("/accounts/login/").content.decode()
    assert (offered in shown, offered in hidden) == (True, False)


def test_one_tap_signs_in_and_leads_on(hana: Member) -> None:
    client = Client()
    response = client.post(f"/accounts/sample/{hana.code}/", {"next": "/profile/"})
    assert (response.status_code, response["Location"]) == (302, "/profile/")
    assert client.get("/profile/").context["user"] == hana


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "javascript:alert(1)", ""])
def test_one_tap_leads_nowhere_else(hana: Member, target: str) -> None:
    assert Client().post(f"/accounts/sample/{hana.code}/", {"next": target})["Location"] == "/"


def test_a_real_person_cannot_be_taken_by_one_tap(person) -> None:
    real = Member.objects.create_user("hana@club.example.jp", name="花", joined_at="2026-01-01T00:00Z")
    assert Client().post(f"/accounts/sample/{real.code}/").status_code == 404


def put(subject: str = "朝会", html: str = "", calendar: str = "") -> MailboxMessage:
    mail = EmailMultiAlternatives(subject, "おはようございます。", "a@example.com", ["hana@example.com"])
    if html:
        mail.attach_alternative(html, "text/html")
    if calendar:
        mail.attach_alternative(calendar, "text/calendar; method=REQUEST")
    raw = mail.message().as_bytes()
    return MailboxMessage.objects.create(recipients=["hana@example.com"], subject=subject, raw=raw)


def test_the_mailbox_lists_the_newest_first(db: None) -> None:
    put("一通め"), put("二通め")
    page = Client().get("/mailbox/").content.decode()
    assert page.index("二通め") < page.index("一通め")


def test_the_list_asks_as_much_for_thirty_mails_as_for_one(db: None, django_assert_num_queries) -> None:
    put()
    Client().get("/mailbox/")
    with django_assert_num_queries(2):
        Client().get("/mailbox/")
    for _ in range(29):
        put()
    with django_assert_num_queries(2):
        Client().get("/mailbox/")


def test_a_mail_shows_its_text_its_calendar_and_its_headers(db: None) -> None:
    mail = put(html="<p>x</p>", calendar="BEGIN:VCALENDAR\r\nSUMMARY:朝会\r\nEND:VCALENDAR\r\n")
    page = Client().get(f"/mailbox/{mail.pk}/").content.decode()
    for shown in ("おはようございます。", "SUMMARY:朝会", "To: hana@example.com", f'src="/mailbox/{mail.pk}/page/"'):
        assert (shown, escape(shown) in page or shown in page) == (shown, True)


def test_only_the_styles_of_this_very_mail_are_let_through(db: None) -> None:
    html = '<html><head><style>p{margin:0}</style></head><body style="color:&#35;111">朝会</body></html>'
    response = Client().get(f"/mailbox/{put(html=html).pk}/page/")

    def digest(style: str) -> str:
        return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    hashes = sorted(f"'sha256-{digest(style)}'" for style in ("p{margin:0}", "color:#111"))
    assert response["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'unsafe-hashes' {' '.join(hashes)}; img-src data:; form-action 'none';"
        " base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response.content.decode() == html.replace("<head>", '<head><base target="_blank">')


def test_a_page_without_styles_may_have_none() -> None:
    assert "style-src 'none'" in policy("<p>x</p>")


def test_a_mail_of_text_alone_has_no_page(db: None) -> None:
    assert Client().get(f"/mailbox/{put().pk}/page/").status_code == 404
