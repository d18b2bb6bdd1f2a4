"""Stripe's rules of amounts, currency by currency (docs.stripe.com/currencies)."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from daigou.sandbox.rates import between
from daigou.sandbox.stripe.errors import StripeError
from daigou.sandbox.words import words

ZERO_DECIMAL = words("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf")
THREE_DECIMAL = words("bhd jod kwd omr tnd")
# No minor unit of their own any more, yet sent times a hundred.
WHOLE_TIMES_HUNDRED = words("isk ugx")
PAYOUT_WHOLE = words("huf twd isk ugx")
TWO_DECIMAL = words(
    "usd eur gbp aud cad chf cny hkd sgd nzd sek nok dkk pln czk huf ron try brl mxn inr ils idr myr",
    "php thb zar twd aed sar egp cop bgn qar mad pkr pen uah",
)
KNOWN = ZERO_DECIMAL | THREE_DECIMAL | WHOLE_TIMES_HUNDRED | TWO_DECIMAL
# The smallest charge, where Stripe states one.
MINIMUM = {
    "usd": 50, "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "krw": 700, "twd": 1500, "cny": 400,
}  # fmt: skip
MAXIMUM = 99_999_999
WIDE = {"idr": 999_999_999_999, "jpy": 9_999_999_999, "krw": 9_999_999_999, "huf": 9_999_999_999}


def exponent(currency: str) -> int:
    """Digits behind the point in the amounts that Stripe takes, which is not always ISO 4217's number."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def known(currency: str, param: str = "currency") -> str:
    code = currency.lower()
    if code not in KNOWN:
        names = ", ".join(sorted(KNOWN))
        message = f"Invalid currency: {currency}. Stripe currently supports these currencies: {names}"
        raise StripeError(message, param=param, saved=False)
    return code


def check_shape(amount: int, currency: str, param: str = "amount") -> int:
    """An amount that can exist in this currency, whatever it is for."""
    if amount < 0:
        raise _invalid("Invalid non-negative integer", "parameter_invalid_integer", param)
    if currency in THREE_DECIMAL and amount % 10:
        raise _invalid(f"Invalid amount: {currency} amounts must be rounded to the nearest ten", None, param)
    if currency in WHOLE_TIMES_HUNDRED and amount % 100:
        raise _invalid(f"Invalid amount: {currency} amounts must be divisible by 100", None, param)
    return amount


def check_charge(amount: int, currency: str, param: str = "amount") -> int:
    """A charge must reach the currency's minimum and stay below the most digits Stripe takes."""
    check_shape(amount, currency, param)
    if amount < MINIMUM.get(currency, 1):
        text = display(MINIMUM.get(currency, 1), currency)
        raise _invalid(f"Amount must be at least {text}", "amount_too_small", param)
    if amount > WIDE.get(currency, MAXIMUM):
        text = display(WIDE.get(currency, MAXIMUM), currency)
        raise _invalid(f"Amount must be no more than {text}", "amount_too_large", param)
    return amount


def check_payout(amount: int, currency: str) -> int:
    if amount < 1:
        raise _invalid("This value must be greater than or equal to 1.", "parameter_invalid_integer", "amount")
    if currency in PAYOUT_WHOLE and amount % 100:
        raise _invalid(f"Payouts in {currency} must be whole: divisible by 100", None, "amount")
    return check_shape(amount, currency)


def _invalid(message: str, code: str | None, param: str) -> StripeError:
    return StripeError(message, code=code, param=param)


def convert(amount: int, source: str, target: str, now: int) -> tuple[int, float | None]:
    """Minor units of `target`, half-even, and the rate between whole units (Stripe's `exchange_rate`)."""
    if source == target:
        return amount, None
    rate = between(source, target, datetime.fromtimestamp(now, UTC).date())
    value = Decimal(amount).scaleb(-exponent(source)) * rate
    step = 10 if target in THREE_DECIMAL else 1
    minor = (value.scaleb(exponent(target)) / step).quantize(Decimal(1), ROUND_HALF_EVEN) * step
    return int(minor), float(rate)


def share(amount: int, percent: float) -> int:
    """A percentage of an amount, half-even, never from a binary float."""
    return int((Decimal(amount) * Decimal(str(percent)) / 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def display(amount: int, currency: str) -> str:
    """For people and for messages: `EUR 12.50`, `JPY 1,250`."""
    digits = 0 if currency in WHOLE_TIMES_HUNDRED else exponent(currency)
    return f"{currency.upper()} {Decimal(amount).scaleb(-exponent(currency)):,.{digits}f}"
