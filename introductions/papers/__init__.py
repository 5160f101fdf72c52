"""What a host prints for a morning: badges, cards for the tables, the list of those who take part."""
