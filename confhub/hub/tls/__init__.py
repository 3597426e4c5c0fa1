"""The certificate of the pages: a trial's own, or the files of the settings."""
