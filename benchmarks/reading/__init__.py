"""Reading a CSV file to tensors: dovetail against peers, same file, interleaved."""
