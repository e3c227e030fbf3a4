"""The programs are read by the doctor, never imported or collected."""

collect_ignore_glob = ["*"]
