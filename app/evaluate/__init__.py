"""The evaluation bench: a file of cases in, what the rules in force say of each out. Nothing is stored."""
