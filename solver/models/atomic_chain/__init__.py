"""The one-dimensional atomic chain between two leads (Kharlanov 2023)."""
