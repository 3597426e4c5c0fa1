"""Pages of a meeting's papers: for its secretary, for who is signed in, behind a site's link."""
