#!/usr/bin/python3
# timeout: 1800
# labels: slow
"""The tests of references.test.py with all cases on 1, 2, 3 and 4 ranks."""

import os
import pathlib
import runpy

os.environ["ANSATZ_ALL_RANKS"] = "1"
runpy.run_path(str(pathlib.Path(__file__).with_name("references.test.py")), run_name="__main__")
