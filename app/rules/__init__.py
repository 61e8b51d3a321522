"""What is true: pure functions over facts, standard library only, one published criterion a file."""
