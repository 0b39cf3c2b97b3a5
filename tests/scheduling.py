"""Which tests go to one process of several: those that share what takes long to build, and those that wait."""

from typing import Any

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

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        """Forget a group that is done: else all of them are counted again after each test."""
        super().mark_test_complete(node, item_index, duration)
        work, group = self.assigned_work[node], self._split_scope(self.registered_collections[node][item_index])
        if all(work[group].values()):
            del work[group]
