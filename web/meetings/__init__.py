"""What pages and API share about meetings: which somebody sees, what clashes, who is told."""
