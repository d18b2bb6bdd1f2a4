"""Looking over ourselves: audits by standard, what they found, changes of the law, and scans."""
