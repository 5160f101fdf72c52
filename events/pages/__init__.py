"""What pages show, read in a fixed number of queries: pure reading, so that templates ask nothing of the database."""
