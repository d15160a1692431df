"""Exceptions of the generator."""

from documents.problems import Problem


class GeneratorError(ValueError):
    """A configuration or a parameter that the generator cannot work with."""


class ParameterError(GeneratorError):
    """A parameter of ``twin.json`` that fits its schema and still cannot be.

    Parameters
    ----------
    place : str
        Key, dotted.
    message : str
        The value found and what is allowed.
    """

    def __init__(self, place: str, message: str) -> None:
        self.problem = Problem("twin.json", place, message)
        super().__init__(str(self.problem))
