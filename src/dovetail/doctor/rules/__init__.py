"""One mistake, one file; the code stands in the name."""

__all__: list[str] = []
