import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

# The shared parts of these tests are plain modules beside them.
sys.path.insert(0, str(Path(__file__).parent))

# A busy machine is no finding: examples are counted, never timed.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
