import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

# The proxy is no package either: whoever runs it has its folder on the path.
sys.path.insert(0, str(Path(__file__).parents[2] / "e2e"))
sys.path.insert(0, str(Path(__file__).parent))

from echo_center import Echo


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
