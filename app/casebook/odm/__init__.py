"""A study as an archive in ODM, read back into an empty one, or begun from another system's forms."""
