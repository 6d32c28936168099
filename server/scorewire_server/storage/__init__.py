"""Tables, migrations, queries: the only SQL."""
