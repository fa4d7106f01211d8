"""The hall: ticket states, numbering, who is next, and the business day.

Pure: no I/O, no clock, no framework. ``decide`` turns a command into drafts, ``fold`` turns events into
state.
"""
