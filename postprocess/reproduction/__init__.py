"""What the papers state, how runs are measured against it, and their figures drawn anew."""
