"""Records of the public WiFi's sessions, where the province's policy asks for them: sealed, chained lines.

A leaf: the gate writes lines that it cannot read again, the province's center opens them. No event and no
batch carries them.
"""
