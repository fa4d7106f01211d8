"""The software on the box: journal, hall, ratings, announcements, uplink."""

__version__ = "0.1.0"
