"""Errors that a user can mend: what was found, what was expected, what to do next."""


class UserError(Exception):
    """Printed by the tools as one short message, without a traceback."""
