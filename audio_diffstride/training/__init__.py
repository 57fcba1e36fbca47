"""Training: from a config and clip stores to a work directory."""

import lazy_loader

# __init__.pyi lists the public names; each is imported at its first use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
