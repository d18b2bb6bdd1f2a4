"""Who does what, through which pages. Each act raises Astray at the first thing that does not hold."""
