"""Money at cost: who pays what for a morning, receipts, and what the series has in its purse."""
