"""Sans-I/O codecs: bytes to frames and back, one file per protocol; they read no clock and open nothing."""
