"""usage: count_tests.py RESULTS.xml CTEST_STATUS: adds up the test cases of a ctest run; see tools/test."""

import re
import sys
import xml.etree.ElementTree as ElementTree

COUNTS = re.compile(r"\b(\d+) passed, (\d+) failed\s*$", re.MULTILINE)


def count_entry(entry):
    """(passed, failed) of one ctest entry: its own closing line, or one test for the entry as a whole."""
    ok = entry.get("status") == "run"
    found = COUNTS.findall(entry.findtext("system-out") or "")
    passed, failed = map(int, found[-1]) if found else (int(ok), 0)
    return passed, failed if ok else max(failed, 1)


def main(results, ctest_status):
    try:
        entries = ElementTree.parse(results).getroot().findall("testcase")
    except (OSError, ElementTree.ParseError) as error:
        print(f"test: error: ctest left no results: {error}", file=sys.stderr)
        entries = []
    passed = failed = 0
    for entry in entries:
        entry_passed, entry_failed = count_entry(entry)
        passed += entry_passed
        failed += entry_failed
        if entry_failed:
            print(f"FAILED {entry.get('name')}: {entry_failed} of {entry_passed + entry_failed}")
    if ctest_status != 0 and failed == 0:
        failed = 1
    if passed + failed == 0:
        print("test: error: no test ran", file=sys.stderr)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed > 0 and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
