"""Templates of the sandbox pages; a package so that they are installed with the code."""
