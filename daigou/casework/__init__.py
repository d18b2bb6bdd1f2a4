"""Officers' work over all rooms: whole lives, records for those concerned, watched searches, and files for a court."""
