"""An installed tree of Ansatz, and programs that see nothing else of it: no source tree, no build tree, no environment."""


import os
import re

import ansatz_test


def install(prefix):
    """`cmake --install` of the build into `prefix`, which must not exist; returns it."""
    if prefix.exists():
        raise FileExistsError(prefix)
    process = ansatz_test.execute(["cmake", "--install", ansatz_test.BUILD, "--prefix", prefix])
    if process.returncode != 0:
        raise RuntimeError(f"{process.stdout}\n{process.stderr}")
    return prefix


def environment(prefix):
    """What a user has who knows where Ansatz is, and nothing besides (but the settings of sanitizers)."""
    sanitizers = {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")}
    return {"PATH": f"{prefix}/bin:/usr/bin:/bin", "CMAKE_PREFIX_PATH": str(prefix), **sanitizers}


def execute(command, prefix, cwd=None, timeout=240):
    """As ansatz_test.execute(), in environment(prefix) alone."""
    words = [f"{key}={value}" for key, value in environment(prefix).items()]
    return ansatz_test.execute(["env", "-i", *words, *command], timeout=timeout, cwd=cwd)


def build(test, prefix, source, *options):
    """Configures and builds the project `source` in source/build."""
    test.assert_exit(execute(["cmake", "-S", source, "-B", source / "build", *options], prefix), 0)
    test.assert_exit(execute(["cmake", "--build", source / "build"], prefix, timeout=400), 0)


def vtk_options():
    """What CMake must be told about VTK where only its libraries are installed: where this build found the headers."""
    cache = (ansatz_test.BUILD / "CMakeCache.txt").read_text()
    found = re.search(r"^ANSATZ_VTK_INCLUDE_DIR:PATH=(.*/.*)$", cache, re.MULTILINE)
    return [f"-DANSATZ_VTK_INCLUDE_DIR={found[1]}"] if found else []


def build_new_plugin(test, prefix, kind, name, entries=("unit", "conformance", "case")):
    """A plugin made by `ansatz new-plugin`, built and tested by these tests of its own; returns its folder."""
    test.assert_exit(execute(["ansatz", "new-plugin", kind, name, "--in", test.folder], prefix), 0)
    folder = test.folder / name
    build(test, prefix, folder)
    process = execute(["ctest", "--test-dir", folder / "build", "--output-on-failure"], prefix)
    test.assert_exit(process, 0)
    for entry in entries:
        test.assertRegex(process.stdout, rf"{name}_{entry} \.+ +Passed")
    return folder
