"""Pages and actions around sessions, by subject."""
