"""Own recordings: a folder or a CSV, checked, split and prepared."""
