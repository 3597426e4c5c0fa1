"""What is wrong with a hub's set-up, in words that say what to mend: `confhub doctor`."""
