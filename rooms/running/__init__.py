"""One room at work: its loop, its journal, its media."""
