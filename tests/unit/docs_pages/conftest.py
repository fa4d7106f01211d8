import sys
from pathlib import Path

# The guide in pieces, which the test that runs its commands has, too.
sys.path.insert(0, str(Path(__file__).parents[2] / "integration" / "guide"))
