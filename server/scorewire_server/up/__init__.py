"""All of Scorewire on one machine, for development: three processes that start, live and stop together."""
