"""Whether the disease answers: activity indices, treatment of the disease, and the responses and states made of them."""
