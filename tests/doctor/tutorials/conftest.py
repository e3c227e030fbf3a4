"""These programs are read as data by the tests, and run by one of them."""

collect_ignore_glob = ["wrong/*", "right/*"]
