"""The command line: options turned into one call of ``dovetail.estimator``, and printed.

Results go to stdout, talk to stderr. Nothing here decides anything about data or models.
"""

__all__: list[str] = []
