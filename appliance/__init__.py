"""The software on the box: journal, hall, ratings, announcements, uplink."""

__version__ = "0.1.0"
__built__ = "2026-11-22T00:00:00.000000Z"
"""No clock of this software may believe an earlier time without proof; the release sets it."""
