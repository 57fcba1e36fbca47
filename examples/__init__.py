"""Examples of use, run by tests."""
