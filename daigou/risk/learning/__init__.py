"""A small model of what people decided: it orders the queue and decides nothing."""
