"""Starts the live demo on the terminal it is given, as ``motcua demo`` does; prints when it was put back."""

import argparse
import sys
from pathlib import Path

from appliance.logs import configure
from provisioning.demo.live import run
from provisioning.demo.scene import Scene


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--script", action="store_true")
    parser.add_argument("--pages", action="store_true")
    parser.add_argument("--seconds", type=float)
    arguments = parser.parse_args()
    configure("error")
    scene = Scene.open(arguments.folder, has_pages=arguments.pages)
    try:
        run(scene, seed=7, script=arguments.script, seconds=arguments.seconds)
    finally:
        scene.close()
    sys.stdout.write("closed in order\n")


if __name__ == "__main__":
    main()
