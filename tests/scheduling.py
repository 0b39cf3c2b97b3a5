"""Which tests go to one process of several: those that share what takes long to build, and those that wait."""

from xdist.scheduler import LoadScopeScheduling

# Whole installations wait for one another as much as they reckon: one process has them all, and the others the cores.
INSTALLATIONS = ("tests/journeys/", "tests/operations/")
AS_A_WHOLE = ("tests/contract/test_conformance.py", "tests/house/test_imports.py", "tests/photos/test_press.py",
              "tests/web/test_documents.py")


class BySharing(LoadScopeScheduling):
    """The largest group first; a test that shares nothing goes to whichever process is free. Whatever `--dist` says.

    pytest-xdist's own marks for groups have no effect under pytest 9.2. A test that kills its process is tried again by
    the next one: `make test` allows but two of them.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith(INSTALLATIONS):
            return "installations"
        return file if file in AS_A_WHOLE else nodeid
