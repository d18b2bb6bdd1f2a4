"""What an operator's command will not do, said in a line."""


class Refused(Exception):
    """``code`` is for tests and programs (``part_damaged``), the words for the person at the keyboard."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
