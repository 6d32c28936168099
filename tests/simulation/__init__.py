"""A thousand honest users and twenty cheaters, through the real way of a ticket, in simulated time."""
