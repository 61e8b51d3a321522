"""How the database came to be what it is, one revision after another; run by the owner of the tables."""
