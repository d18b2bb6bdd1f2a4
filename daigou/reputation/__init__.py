"""What shoppers say of shops and goods, and what the record says of them."""
