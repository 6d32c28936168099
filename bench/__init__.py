"""What Scorewire costs, as ratios against an empty handler or raw sqlite3 in one run; `make bench` starts it."""
