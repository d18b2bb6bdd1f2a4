from tests.payments.conftest import again, market, pay, provider, running  # noqa: F401
