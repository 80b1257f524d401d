"""The platform on one machine in the cloud: what `make hosted-…` runs.

Needs nothing but Python; Terraform and Ansible are programs that it calls.
"""
