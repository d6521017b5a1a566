#!/usr/bin/env bash
# The list of Debian packages holds every header, library and program that the build and the tests use.
# ranks: 1
exec "$ANSATZ_SOURCE/tools/check_packages" "$ANSATZ_BUILD"
