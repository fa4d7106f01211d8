"""What the strangers' app must not hold in memory on a box whose portal has no certificate."""

import subprocess
import sys

PROGRAM = """
from appliance.cli.service import lean
lean()
import sys
import appliance.public.running
heavy = {"cryptography", "rich", "joserfc", "sqlite3", "argon2"}
print(sorted(heavy & {name for name, module in sys.modules.items() if module}))
"""


def test_it_loads_nothing_that_only_others_need() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
