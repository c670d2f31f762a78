"""Passes and accreditations: sold, booked on, cared for, let in, printed as badges."""
