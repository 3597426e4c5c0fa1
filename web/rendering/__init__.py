"""From values to a page: templates, languages, static files."""
