import pytest

from daigou.accounts.passwords import hashed, matches, weakness


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short", "short"),
        ("x" * 201, "long"),
        ("password1234", "common"),
        ("1234567890", "common"),
        ("qwertyuiop[]", "pattern"),
        ("aaaaaaaaaaaa", "pattern"),
        ("maravogel12", "own"),
        ("example.test", "own"),
    ],
)
def test_what_is_guessed_first_is_named(password, fault):
    assert weakness(password, "Mara Vogel", "maravogel@example.test") == fault


@pytest.mark.parametrize(
    "password", ["copper walrus paints umbrellas", "Tr7$kQpl9!zX", "五つの静かな港の灯り", "🦊🐙🎏🧭🪁🛶🎐🧊🪺🦚"]
)
def test_good_ones_are_taken(password):
    assert weakness(password, "Mara Vogel") is None


def test_hashes_are_argon2id_and_prove_their_password():
    made = hashed("copper walrus")
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert matches(made, "copper walrus")
    assert not matches(made, "copper Walrus")
    assert not matches("no hash", "copper walrus")
