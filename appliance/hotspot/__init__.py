"""The gate of the public WiFi: who is let through, for how long and how fast. Its own process, no listener.

``policy`` decides and renders, without any I/O; the modules beside it carry out. Where nothing can be
enforced nobody is let through, and the counters do not notice.
"""
