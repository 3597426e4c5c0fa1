"""The REST API, version 1: programs of other institutions, with access tokens."""
