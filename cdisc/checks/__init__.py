"""What is asked of the datasets before they leave, and what was found."""
