"""Training loops of peers against ours: same network, same rows, interleaved."""
