"""What happens: the only code that writes, dates or rebuilds clinical data."""
