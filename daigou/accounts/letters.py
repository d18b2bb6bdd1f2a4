"""The mails of accounts, in the language of whoever gets them."""

from __future__ import annotations

from daigou.core import clock
from daigou.core.i18n import _, country_name, format_moment, lazy
from daigou.notices.service import speaking, tell, text

from .models import Account, Merchant
from .sessions import rules
from .sessions.rules import Visit


def confirm(account: Account, token: str, code: str) -> None:
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "account.confirm",
            _("Confirm your e-mail address"),
            _("Open the link and press the button to confirm this address. It works once, for two days.\n"
              "Or type this code where you signed up, within ten minutes: %(code)s\n"
              "If you have not signed up, do nothing: without you the account stays closed.", code=code),
            f"/account/confirm/{token}",
        )  # fmt: skip


def known(account: Account) -> None:
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "account.known",
            _("You already have an account"),
            _("Somebody has just tried to sign up with this address, which has an account already.\n"
              "If it was you, sign in, or choose a new password on the sign-in page. If not, do nothing."),
            "/sign-in",
        )  # fmt: skip


def password(account: Account, token: str) -> None:
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "account.password",
            _("Choose a new password"),
            _("Open the link to choose a new password. It works once, for an hour.\n"
              "If you have not asked for it, do nothing: your password stays as it is."),
            f"/account/password/{token}",
        )  # fmt: skip


def password_changed(account: Account) -> None:
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "account.password_changed",
            _("Your password was changed"),
            _("Your password was changed just now, and you were signed out everywhere else.\n"
              "If it was not you, choose a new one at once with “Forgot your password?” on the sign-in page."),
            "/account",
        )  # fmt: skip


def invitation(account: Account, token: str) -> None:
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "account.invite",
            _("You are invited to work here"),
            _("Open the link to give your name and choose a password. It works once, for seven days."),
            f"/account/invite/{token}",
        )  # fmt: skip


def signed_in(account: Account, visit: Visit, alarm: str) -> None:
    """From a new device or another country."""
    with speaking(account.locale, account.zone):
        device = rules.family(visit.agent) or _("a device we don’t know")
        place = country_name(visit.country) if visit.country else visit.ip
        tell(
            account.id,
            "account.signed_in",
            _("New sign-in to your account"),
            _("Somebody signed in to your account with %(device)s, from %(place)s, on %(moment)s.\n"
              "If it was you, there is nothing to do. If not, open the link: it ends every session and lets nobody in "
              "until you have chosen a new password.",
              device=device, place=place, moment=format_moment(clock.now())),
            f"/account/alarm/{alarm}",
        )  # fmt: skip


def frozen(account: Account, token: str, reason: str) -> None:
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "account.frozen",
            _("We have closed your account for now"),
            _("%(why)s Every session has ended, and nobody can sign in.\n"
              "To use it again, open the link within an hour and choose a new password. Then we ask you to set up a "
              "second factor. If the link is too old, ask for another one with “Forgot your password?”.",
              why=_WHY_FROZEN.get(reason, _WHY_FROZEN["sign_in"])),
            f"/account/password/{token}",
        )  # fmt: skip


_WHY_FROZEN = {
    "sign_in": lazy("It looks as if somebody else tried to get into your account, or was in it."),
    "payment": lazy("It looks as if somebody else tried to pay with your account."),
}


def factor_added(account: Account, kind: str) -> None:
    _changed(account, _FACTORS[kind], _ADDED)


def factor_removed(account: Account, kind: str) -> None:
    _changed(account, _FACTORS[kind], _REMOVED)


_FACTORS = {
    "all": lazy("Every second factor"),
    "totp": lazy("Authenticator app"),
    "passkey": lazy("Passkey"),
    "certificate": lazy("Client certificate"),
    "phone": lazy("Phone number"),
    "external": lazy("Sign-in through another provider"),
}
_ADDED = (
    lazy("Added to your account: %(what)s"),
    lazy("This was added to your account just now, and other devices were signed out. If it was not you, choose a new "
         "password at once with “Forgot your password?”, and look at your security page."),
)  # fmt: skip
_REMOVED = (
    lazy("Removed from your account: %(what)s"),
    lazy("This was removed from your account just now, and other devices were signed out. If it was not you, choose a "
         "new password at once with “Forgot your password?”, and look at your security page."),
)  # fmt: skip


def _changed(account: Account, what: object, words: tuple[object, object]) -> None:
    with speaking(account.locale, account.zone):
        title, body = (str(text) for text in words)
        tell(account.id, "account.factor", title % {"what": what}, body, "/account/security")


def codes_renewed(account: Account) -> None:
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "account.codes",
            _("New recovery codes"),
            _("New recovery codes were made for your account just now; the old ones don’t work any more."),
            "/account/security",
        )


def recovery_used(account: Account, left: int) -> None:
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "account.recovery_used",
            _("A recovery code was used"),
            _("Somebody signed in with one of your recovery codes. You have %(left)s left.\n"
              "If it was not you, choose a new password at once with “Forgot your password?”.", left=left),
            "/account/security",
        )  # fmt: skip


def phone_code(account: Account, phone: str, code: str) -> None:
    with speaking(account.locale, account.zone):
        words = _("%(code)s is your code to confirm this number. It works for ten minutes. Tell it nobody.", code=code)
        text(account.id, "account.phone_code", phone, _("Confirm your phone number"), words)


def asked_to_join(account: Account, merchant: Merchant, token: str | None) -> None:
    """``token`` is for somebody who has no account yet: it makes one. Others answer on their own page."""
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "account.invite" if token else "account.join",
            _("%(merchant)s asks you to work with them", merchant=merchant.name),
            _("%(merchant)s has asked you to work for them here. Open the link within seven days to say yes. "
              "If you don’t know them, do nothing.", merchant=merchant.name),
            f"/account/invite/{token}" if token else "/account/invitations",
        )  # fmt: skip


def rights_changed(account: Account, merchant: Merchant) -> None:
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "account.rights",
            _("What you may do for %(merchant)s has changed", merchant=merchant.name),
            _("The owner of %(merchant)s has changed what you may do there.", merchant=merchant.name),
            "/merchant",
        )


def left(account: Account, merchant: Merchant) -> None:
    with speaking(account.locale, account.zone):
        tell(
            account.id,
            "account.left",
            _("You don’t work for %(merchant)s any more", merchant=merchant.name),
            _("The owner of %(merchant)s has ended your access to their pages.", merchant=merchant.name),
            "/account",
        )


def joined(owner: Account, merchant: Merchant, name: str) -> None:
    with speaking(owner.locale, owner.zone):
        tell(
            owner.id,
            "account.joined",
            _("%(name)s now works with you", name=name),
            _("The invitation to %(merchant)s was accepted. You can change at any time what they may do.",
              merchant=merchant.name),
            "/merchant/members",
        )  # fmt: skip
