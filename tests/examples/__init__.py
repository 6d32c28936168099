"""The examples, as their README says to run them, against real servers."""
