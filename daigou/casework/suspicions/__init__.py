"""Reports of suspicion to a country's financial intelligence unit. Their subject must never learn of them."""
