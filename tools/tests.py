"""All of pytest in two rounds: small tests one by one as workers are free, slow ones by whole files, the longest first.

Of the slow round one worker begins with all that starts whole shops, so that two of them do not share two cores, while
the other does the rest (tests/conftest.py has the groups).

Ends with one line for all, in pytest's own form.
"""

import re
import subprocess
import sys
import time

ROUNDS = (
    ["-m", "not slow and not browser", "-n", "2"],
    ["-m", "slow or browser", "-n", "2", "--dist", "loadgroup"],
)
COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed)")
NO_TESTS = 5


def main() -> int:
    begun, total, codes = time.monotonic(), dict[str, int](), []
    for marks in ROUNDS:
        code, last = run([*marks, *sys.argv[1:]])
        codes.append(code)
        for number, word in COUNT.findall(last):
            total[word] = total.get(word, 0) + int(number)
    said = ", ".join(f"{number} {word}" for word, number in total.items()) or "no tests ran"
    print(f"===== {said} in {time.monotonic() - begun:.2f}s =====")
    return int(any(code not in (0, NO_TESTS) for code in codes) or all(code == NO_TESTS for code in codes))


def run(arguments: list[str]) -> tuple[int, str]:
    """The exit code, and the last line that counts tests; all lines go through as they come."""
    last = ""
    argv = [sys.executable, "-m", "pytest", *arguments]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as pytest:
        assert pytest.stdout
        for line in pytest.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            if COUNT.search(line) and " in " in line:
                last = line
    return pytest.returncode, last


if __name__ == "__main__":
    raise SystemExit(main())
