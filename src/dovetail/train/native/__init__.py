"""Training steps as native programs.

    traceable   may a network be recorded?
    program     its step, recorded: K steps in one call
    kept        recordings compiled, and kept on disk for the next run

Nothing is imported here: the compiler is 800 modules that most runs never need.
"""

__all__: list[str] = []
