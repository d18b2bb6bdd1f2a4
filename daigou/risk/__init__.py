"""What looks wrong: words, prices and pictures that a person must see before others do."""
