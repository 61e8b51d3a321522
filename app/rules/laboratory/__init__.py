"""What a result says by itself: grades by its limits, filtration, conversions."""
