# Who gets in, and how.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  region        = "eu-central-1"
  allowed_cidrs = ["203.0.113.0/24", "198.51.100.7/32"]
  alert_email   = "platform@example.com"
}

run "only_pages_are_open" {
  command = plan

  assert {
    condition = toset([for rule in aws_vpc_security_group_ingress_rule.open : "${rule.ip_protocol} ${rule.from_port}-${rule.to_port} ${rule.cidr_ipv4}"]) == toset([
      "tcp 443-443 203.0.113.0/24", "tcp 80-80 203.0.113.0/24",
      "tcp 443-443 198.51.100.7/32", "tcp 80-80 198.51.100.7/32",
    ])
    error_message = "Something other than 443 and 80 for allowed_cidrs is open."
  }

  assert {
    condition     = length(aws_key_pair.ssh) == 0
    error_message = "Nobody asked for SSH, and a key may log in."
  }

  assert {
    condition     = aws_instance.platform.vpc_security_group_ids == toset([aws_security_group.platform.id])
    error_message = "The machine is in another security group, too."
  }
}

run "out_goes_what_is_needed" {
  command = plan

  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.web : "${rule.ip_protocol} ${rule.from_port}-${rule.to_port}"]) == toset(["tcp 443-443", "tcp 80-80"])
    error_message = "The machine may reach more than ports 443 and 80."
  }
}

run "ssh_is_opened_to_the_named_addresses" {
  command = plan

  variables {
    ssh_allowed_cidrs = ["203.0.113.7/32"]
    ssh_public_key    = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA somebody@example.com"
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.open : rule.cidr_ipv4 if rule.from_port <= 22 && rule.to_port >= 22] == ["203.0.113.7/32"]
    error_message = "SSH is not open to the named address alone."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.open) == 5
    error_message = "Something else was opened with SSH."
  }

  assert {
    condition     = one(aws_key_pair.ssh[*].public_key) == var.ssh_public_key
    error_message = "The named key may not log in."
  }
}

run "the_subnet_fits_into_every_network" {
  command = plan

  variables {
    vpc_cidr = "192.168.7.0/24"
  }

  assert {
    condition     = aws_subnet.public.cidr_block == "192.168.7.0/24"
    error_message = "The subnet does not fit into the network."
  }

  assert {
    condition     = aws_subnet.public.availability_zone == "eu-central-1a"
    error_message = "The zone depends on the order of AWS's answer."
  }
}

run "without_a_zone_no_name_is_written" {
  command = plan

  variables {
    domain_name = "kpi.example.com"
  }

  assert {
    condition     = length(aws_route53_record.platform) == 0
    error_message = "A name was written without a zone."
  }
}

run "the_domain_and_the_names_below_it_lead_to_the_machine" {
  command = plan

  variables {
    domain_name     = "kpi.example.com"
    route53_zone_id = "Z0123456789ABCDEFGHIJ"
  }

  assert {
    condition     = { for name, record in aws_route53_record.platform : name => record.records } == { "kpi.example.com" = toset(["192.0.2.10"]), "*.kpi.example.com" = toset(["192.0.2.10"]) }
    error_message = "The names do not lead to the machine's address."
  }
}
