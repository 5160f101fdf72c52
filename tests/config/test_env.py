from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_a_forgotten_mode_is_production() -> None:
    assert env.mode(environ={}) == "production"


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="ASAKAI_MODE"):
        env.mode(environ={"ASAKAI_MODE": "prod"})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("  s3cret\n")
    assert env.read("SECRET_KEY", environ={"SECRET_KEY_FILE": str(tmp_path / "key")}) == "s3cret"


def test_a_file_that_is_not_there_is_said_loudly() -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE"):
        env.read("SECRET_KEY", environ={"SECRET_KEY_FILE": "/nowhere"})


def test_what_must_be_set_must_be_set() -> None:
    with pytest.raises(ImproperlyConfigured, match="SITE_URL is not set"):
        env.read("SITE_URL", environ={})


def test_a_database_behind_a_socket() -> None:
    found = env.database("postgresql://postgres@/asakai?host=%2Fsrv%2Fa%20b")
    assert (found["HOST"], found["NAME"], found["USER"], found["OPTIONS"]) == (
        "/srv/a b",
        "asakai",
        "postgres",
        {"options": env.LIMITS, "prepare_threshold": 0},
    )


def test_a_database_over_the_network() -> None:
    found = env.database("postgres://asakai:p%40ss@db:6543/club?sslmode=require")
    assert found == {
        "ENGINE": "config.postgresql",
        "NAME": "club",
        "USER": "asakai",
        "PASSWORD": "p@ss",
        "HOST": "db",
        "PORT": "6543",
        "DISABLE_SERVER_SIDE_CURSORS": False,
        "OPTIONS": {"options": env.LIMITS, "prepare_threshold": 0, "sslmode": "require"},
    }


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://host", ""])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        env.database(url)


def test_broker_and_cache_share_a_server_and_not_a_database() -> None:
    socket = env.redis("unix:///run/redis.sock")
    assert (socket.broker, socket.cache) == (
        "redis+socket:///run/redis.sock?virtual_host=0",
        "unix:///run/redis.sock?db=1",
    )
    server = env.redis("redis://cache:6379/")
    assert (server.broker, server.cache) == ("redis://cache:6379/0", "redis://cache:6379/1")


@pytest.mark.parametrize("url", ["http://cache", "redis://cache/3", "unix:///a.sock?db=2"])
def test_a_redis_that_names_a_database_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        env.redis(url)


def test_mail_servers() -> None:
    found = env.smtp("smtp+tls://user:p%40ss@mail.example")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_HOST_PASSWORD"]) == ("mail.example", 587, "p@ss")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (True, False)
    assert env.smtp("smtp://localhost")["EMAIL_PORT"] == 25
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        env.smtp("mailto:x")
