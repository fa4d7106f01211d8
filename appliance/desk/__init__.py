"""The desk: one thread through which every change of the office passes, commands in and events out."""
