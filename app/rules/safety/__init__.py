"""What went wrong, and how badly: scales of toxicity, screens, clocks of reports."""
