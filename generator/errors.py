"""Exceptions of the generator."""


class GeneratorError(ValueError):
    """A configuration or a parameter that the generator cannot work with."""
