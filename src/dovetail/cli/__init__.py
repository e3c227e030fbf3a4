"""The command line: options become one call of ``dovetail.estimator``, and are printed.

Results go to stdout, talk to stderr. Nothing here decides about data or models.
"""

__all__: list[str] = []
