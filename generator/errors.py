"""Exceptions of the generator."""

from documents.problems import Problem


class GeneratorError(ValueError):
    """A configuration or parameter that the generator cannot use."""


class ParameterError(GeneratorError):
    """A parameter of ``twin.json`` that matches the schema but is still invalid.

    Parameters
    ----------
    place : str
        Dotted key.
    message : str
        The value found and what is allowed.
    """

    def __init__(self, place: str, message: str) -> None:
        self.problem = Problem("twin.json", place, message)
        super().__init__(str(self.problem))
