"""The bench pages."""

from fastapi import FastAPI

from appliance.web.ui import Ui


def add(app: FastAPI, ui: Ui) -> None:
    """Add them."""
