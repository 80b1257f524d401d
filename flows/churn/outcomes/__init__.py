"""Whether scores were right: measured once their days are over, estimated before."""
