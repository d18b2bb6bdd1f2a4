"""What somebody usually pays, and how far a new payment is from it. Explained sign by sign; a person decides."""
