"""The pages that people see: the hosted checkout, the challenge, the onboarding, and the plain books."""
