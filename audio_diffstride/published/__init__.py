"""Models that come with the package, each the folder of a run."""
