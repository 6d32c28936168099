"""Who plays foul, as far as awards and tickets show it: signals, suspicion that decays, verdicts with their reasons."""
