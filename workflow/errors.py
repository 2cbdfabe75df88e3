"""The one exception of the local engine."""


class WorkflowError(Exception):
    """The run cannot go on; the message says what was wrong, where, and what would be right."""
