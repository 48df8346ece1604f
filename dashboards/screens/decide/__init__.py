"""The tab «Decide» of a task: the threshold, a portfolio under stress, the losses of a portfolio."""
