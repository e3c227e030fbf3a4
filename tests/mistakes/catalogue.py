"""All rows, by topic; the page of the documentation has them in this order."""

from tests.mistakes.catalogue_cells import ENCODINGS, ROWS_AND_CELLS
from tests.mistakes.catalogue_columns import NAMES
from tests.mistakes.catalogue_files import FILES
from tests.mistakes.catalogue_models import MODELS
from tests.mistakes.catalogue_options import OPTIONS, PLACES
from tests.mistakes.catalogue_python import PYTHON
from tests.mistakes.catalogue_targets import TARGETS, TWO_FILES

CATALOGUE = {
    "Files": FILES,
    "Encodings": ENCODINGS,
    "Rows and cells": ROWS_AND_CELLS,
    "Names of columns": NAMES,
    "Targets": TARGETS,
    "Two files": TWO_FILES,
    "Options": OPTIONS,
    "Where results go": PLACES,
    "Models": MODELS,
    "Python": PYTHON,
}
