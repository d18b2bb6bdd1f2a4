"""What we know of people: what for, how long, with whose consent, and what happens when it leaks."""
