"""What shoppers, merchants and support write to each other, kept here so that it can be shown later."""
