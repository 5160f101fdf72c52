"""How days are written where a template names a format: 2026年11月24日, 24 Nov 2026."""
