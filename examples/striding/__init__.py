"""A strided network as an unstrided one: striding is parameter sharing."""
