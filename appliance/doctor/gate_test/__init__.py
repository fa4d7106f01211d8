"""Proves with packets of its own that the gate of the public WiFi stands, while it stands."""
