"""Drivers: each owns a thread or a pin, takes what it needs in ``open`` and gives it back in ``close``."""
