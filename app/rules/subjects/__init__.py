"""Whether the person may take part, and whether the protocol was kept."""
