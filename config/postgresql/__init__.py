"""Django's way to PostgreSQL, with what it does at every request made cheaper."""
