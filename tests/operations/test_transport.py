from dataclasses import replace

import pytest

from daigou.doctor.transport import in_clear


@pytest.fixture
def live(config):
    return replace(
        config,
        sandbox=False,
        base_url="https://shop.example",
        database_url="postgresql://app:x@db.internal/daigou?sslmode=verify-full",
        keystore_url="postgresql://keys:x@keys.internal/daigou_keys?sslmode=require",
        redis_url="rediss://:x@redis.internal:6379/0",
        mail_url="smtps://u:p@mail.example:465",
        storage_url="s3://bucket?endpoint=https://s3.example",
    )


def test_a_live_deployment_with_tls_everywhere_is_fine(live):
    assert list(in_clear(live)) == []


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("base_url", "http://shop.example", "BASE_URL"),
        ("database_url", "postgresql://app:x@db.internal/daigou", "DATABASE_URL"),
        ("database_url", "postgresql://app:x@db.internal/daigou?sslmode=prefer", "DATABASE_URL"),
        ("keystore_url", "postgresql://keys@/daigou_keys?host=keys.internal", "KEYSTORE_URL"),
        ("redis_url", "redis://redis.internal:6379/0", "REDIS_URL"),
        ("mail_url", "smtp://mail.example:25", "MAIL_URL"),
        ("storage_url", "s3://bucket?endpoint=http://s3.example", "STORAGE_URL"),
    ],
)
def test_what_would_travel_in_clear_is_named(live, setting, value, named):
    assert [name for name, _mend in in_clear(replace(live, **{setting: value}))] == [named]


@pytest.mark.parametrize("url", ["postgresql://app@/daigou?host=/run/postgresql", "postgresql://app@127.0.0.1/daigou"])
def test_on_this_machine_it_is_no_matter(live, url):
    assert list(in_clear(replace(live, database_url=url))) == []
