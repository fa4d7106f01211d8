"""The strangers' app: a citizen's ticket on a citizen's phone. Its own process, without any privilege."""
