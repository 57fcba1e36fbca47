"""A strided network as one without strides: what striding shares."""
