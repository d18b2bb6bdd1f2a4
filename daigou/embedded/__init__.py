"""The one-machine default: every part under one supervisor. `daigou.embedded.main()` is `make run`."""


def main() -> int:
    from daigou.embedded.run import main as run  # the CLI imports this package for `environment()` alone

    return run()
