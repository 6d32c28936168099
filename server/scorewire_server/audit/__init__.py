"""Is everything as it should be? Holds the ledger, the standings and the ranking against one another."""
