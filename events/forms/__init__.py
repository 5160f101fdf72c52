"""The shape of what hosts and members type about series and sessions."""
