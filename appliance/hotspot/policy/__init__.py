"""What the gate wants: the rules of the kernel, the engines' configurations, the sessions. Pure."""
