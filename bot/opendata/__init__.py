"""The record for newsrooms: as files, feeds, a calendar and pages, one version of it at a time."""
