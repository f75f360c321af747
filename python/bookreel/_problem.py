"""What goes wrong, each in one sentence."""


class BookreelError(RuntimeError):
    """What was asked for could not be done; the message is one sentence for people."""

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        #: Of the command line; None where it was not run, or did not end by itself.
        self.exit_code = exit_code


class UsageError(BookreelError, ValueError):
    """What was asked for is not there to be asked for: an unknown kind, column or format, a range that is none."""
