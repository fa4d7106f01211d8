"""``python -m appliance`` is ``motcua``."""

from appliance.cli import main

main()
