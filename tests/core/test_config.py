import pytest

from daigou.core.config import Config, ConfigError


@pytest.fixture
def env(stack):
    return dict(stack.environment)


def test_the_embedded_settings_are_complete(env):
    assert Config.from_env(env).is_sandbox


def test_all_that_is_missing_is_named_at_once():
    with pytest.raises(ConfigError) as caught:
        Config.from_env({})
    named = {line.split()[0] for line in caught.value.problems}
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "KEK", "STRIPE_SECRET_KEY"} <= named
    assert all(":" in line for line in caught.value.problems)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://nope"),
        ("REDIS_URL", "http://nope"),
        ("STRIPE_SECRET_KEY", "pk_test_123"),
        ("BASE_URL", "shop.example"),
        ("TRUSTED_PROXIES", "many"),
        ("SECRET_KEY", "short"),
        ("PLATFORM_COUNTRY", "Japan"),
    ],
)
def test_a_malformed_setting_is_refused_with_what_it_should_look_like(env, name, value):
    with pytest.raises(ConfigError, match=f"{name} is malformed: it should look like"):
        Config.from_env({**env, name: value})


def test_the_sandbox_does_not_stand_beside_live_keys(env):
    with pytest.raises(ConfigError, match="live STRIPE_SECRET_KEY"):
        Config.from_env({**env, "STRIPE_SECRET_KEY": "sk_live_" + "x" * 24})


def test_without_the_sandbox_its_addresses_and_plain_http_are_refused(env):
    with pytest.raises(ConfigError) as caught:
        Config.from_env({**env, "SANDBOX": "0"})
    text = str(caught.value)
    assert "STRIPE_API_URL" in text
    assert "BASE_URL must be https" in text
    assert "MAIL_URL" in text
