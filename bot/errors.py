"""What can go wrong that a person can mend. The docstrings are for logs and developers."""


class ObminError(Exception):
    """Anything the operator is told in one line, after which the command ends with exit code 1."""
