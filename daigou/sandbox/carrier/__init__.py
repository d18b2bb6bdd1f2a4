"""A carrier aggregator in EasyPost's form: one postal carrier, two lines, scripted tracking."""
