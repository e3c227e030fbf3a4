"""Every figure that the doctor's pages quote, computed: ``figures`` writes them all."""
