"""Looking for weaknesses on a schedule. Each scan answers findings; none changes anything."""
