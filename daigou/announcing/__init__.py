"""What we tell everybody: security announcements, cases and tips of the safety centre."""
