"""The mails of accounts, in the language of whoever gets them."""

from __future__ import annotations

from daigou.core.i18n import _
from daigou.notices.service import speaking, tell

from .models import Account


def confirm(account: Account, token: str) -> None:
    with speaking(account.locale):
        tell(
            account.id,
            "account.confirm",
            _("Confirm your e-mail address"),
            _("Open the link and press the button to confirm this address. It works once, for two days.\n"
              "If you have not signed up, do nothing: without you the account stays closed."),
            f"/account/confirm/{token}",
        )  # fmt: skip


def known(account: Account) -> None:
    with speaking(account.locale):
        tell(
            account.id,
            "account.known",
            _("You already have an account"),
            _("Somebody has just tried to sign up with this address, which has an account already.\n"
              "If it was you, sign in, or choose a new password on the sign-in page. If not, do nothing."),
            "/sign-in",
        )  # fmt: skip


def password(account: Account, token: str) -> None:
    with speaking(account.locale):
        tell(
            account.id,
            "account.password",
            _("Choose a new password"),
            _("Open the link to choose a new password. It works once, for an hour.\n"
              "If you have not asked for it, do nothing: your password stays as it is."),
            f"/account/password/{token}",
        )  # fmt: skip


def password_changed(account: Account) -> None:
    with speaking(account.locale):
        tell(
            account.id,
            "account.password_changed",
            _("Your password was changed"),
            _("Your password was changed just now, and you were signed out everywhere else.\n"
              "If it was not you, choose a new one at once with “Forgot your password?” on the sign-in page."),
            "/account",
        )  # fmt: skip


def invitation(account: Account, token: str) -> None:
    with speaking(account.locale):
        tell(
            account.id,
            "account.invite",
            _("You are invited to work here"),
            _("Open the link to give your name and choose a password. It works once, for seven days."),
            f"/account/invite/{token}",
        )  # fmt: skip
