"""Counts, rates, what may be shown of them, and how long a wait may be. Pure; for the box and the center."""
