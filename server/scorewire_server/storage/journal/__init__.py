"""ActionService's journal: every action with what it led to, and the awards that are still to be delivered."""
