"""What becomes of an account after its onboarding: complete, in review, in trouble."""

from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe import accounts
from daigou.sandbox.timers import schedule, works


def submit(tx: Tx, row: Json, outcome: str, bank: str = "succeed") -> None:
    """The hosted onboarding was finished. `document` and `restricted` leave something open."""
    before = {**row, "capabilities": dict(row["capabilities"])}
    row["_given"] = list(accounts.NEEDED)
    row["details_submitted"] = True
    row["business_type"] = row["business_type"] or "individual"
    row["tos_acceptance"].update(date=tx.now, ip="127.0.0.1")
    if not row["external_accounts"]["data"]:
        accounts.add_bank(row, {"account_number": "0001116" if bank == "fail" else "0001234"})
    row["_payouts"] = bank
    row["capabilities"].setdefault("transfers", "inactive")
    row["_trouble"] = "" if outcome == "complete" else outcome
    if outcome == "complete" and tx.settings.onboarding_seconds > 0:
        row["_trouble"] = "reviewing"
        schedule(tx, "account.reviewed", row["id"], tx.settings.onboarding_seconds)
    accounts.refresh(row)
    accounts.tell(tx, row, before)


def set_trouble(tx: Tx, row: Json, trouble: str) -> None:
    """From a control: something became due later, or was cleared."""
    before = {**row, "capabilities": dict(row["capabilities"])}
    row["_trouble"] = trouble
    accounts.refresh(row)
    accounts.tell(tx, row, before)


@works("account.reviewed")
def _reviewed(tx: Tx, key: str) -> None:
    row = tx.edit("account", key)
    if row and row["_trouble"] == "reviewing":
        set_trouble(tx, row, "")
