"""ScoreService: rules, awards, ranking, boards."""
