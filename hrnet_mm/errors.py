"""Errors that a user can mend: what was found, what was expected, what to do next."""


class UserError(Exception):
    """Printed by the tools as one short message, without a traceback."""

    def __str__(self) -> str:
        # A process that loads data hands on its whole traceback as the text.
        return super().__str__().rpartition(f'{__name__}.UserError: ')[2].rstrip('\n')
