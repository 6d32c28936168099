"""Scorewire's three processes: the action server, the score server, the gateway."""
