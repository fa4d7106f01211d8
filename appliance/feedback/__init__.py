"""Presses of the satisfaction buttons become ratings that no officer can gate.

Pure: no I/O, no clock, no framework. It knows tickets and counters from events only.
"""
