"""What leaves at a cut: its rows, what an export derives from them, the package, the job that makes it."""
