"""Datasets on their way to their files, and the files: transport, Dataset-JSON, CSV, Parquet."""
