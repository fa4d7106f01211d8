"""Looks a box over, also one whose office is down: one condition per file, each with what to do about it."""
