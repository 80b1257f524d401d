# What a variable may not be. Each run breaks several at once, and every one of them has to
# refuse; one that looks at another is asked only when that one is right, so it has runs of its own.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  region        = "eu-central-1"
  allowed_cidrs = ["203.0.113.0/24"]
  alert_email   = "platform@example.com"
}

run "what_is_no_such_thing" {
  command = plan

  variables {
    region                = "Frankfurt"
    allowed_cidrs         = ["everybody"]
    alert_email           = "platform"
    name                  = "KPI"
    monthly_budget_usd    = 0
    instance_type         = "large"
    operating_system      = "debian-12"
    root_volume_gb        = 29
    data_volume_gb        = 19
    backup_retention_days = 6
    files_bucket_prefix   = "Acme"
    vpc_cidr              = "10.20.0.0"
    ssh_allowed_cidrs     = ["me"]
    domain_name           = "https://kpi.example.com"
  }

  expect_failures = [
    var.region, var.allowed_cidrs, var.alert_email, var.name, var.monthly_budget_usd, var.instance_type,
    var.operating_system, var.root_volume_gb, var.data_volume_gb, var.backup_retention_days, var.vpc_cidr,
    var.ssh_allowed_cidrs, var.domain_name, var.files_bucket_prefix,
  ]
}

run "what_is_too_much_or_almost_right" {
  command = plan

  variables {
    region                = "eu-central"
    allowed_cidrs         = []
    alert_email           = "platform @example.com"
    name                  = "kpi-"
    instance_type         = "t3.medium"
    root_volume_gb        = 1001
    data_volume_gb        = 16385
    backup_retention_days = 3651
    files_bucket_prefix   = "kpi"
    vpc_cidr              = "10.0.0.0/8"
    ssh_allowed_cidrs     = ["0.0.0.0/0"]
    domain_name           = "KPI.example.com"
  }

  expect_failures = [
    var.region, var.allowed_cidrs, var.alert_email, var.name, var.instance_type, var.root_volume_gb,
    var.data_volume_gb, var.backup_retention_days, var.files_bucket_prefix, var.vpc_cidr, var.ssh_allowed_cidrs,
    var.domain_name,
  ]
}

run "what_is_no_whole_number_and_no_ipv4" {
  command = plan

  variables {
    allowed_cidrs         = ["203.0.113.0/24", "2001:db8::/32"]
    name                  = "a-name-of-twenty-one-"
    instance_type         = "t3.small"
    root_volume_gb        = 40.5
    data_volume_gb        = 50.5
    backup_retention_days = 35.5
    vpc_cidr              = "10.20.0.0/25"
    ssh_allowed_cidrs     = ["::/0"]
    domain_name           = "localhost"
  }

  expect_failures = [
    var.allowed_cidrs, var.name, var.instance_type, var.root_volume_gb, var.data_volume_gb,
    var.backup_retention_days, var.vpc_cidr, var.ssh_allowed_cidrs, var.domain_name,
  ]
}

run "what_reaches_beyond_its_range" {
  command = plan

  variables {
    allowed_cidrs     = ["203.0.113.7/24"]
    instance_type     = "t3.nano"
    vpc_cidr          = "10.20.1.0/16"
    ssh_allowed_cidrs = ["203.0.113.7/32", "0.0.0.0/1", "128.0.0.0/1"]
    ssh_public_key    = "ssh-ed25519 AAAA"
  }

  expect_failures = [var.allowed_cidrs, var.instance_type, var.vpc_cidr, var.ssh_allowed_cidrs]
}

run "what_is_no_key_and_no_zone" {
  command = plan

  variables {
    ssh_allowed_cidrs = ["203.0.113.7/32"]
    ssh_public_key    = "-----BEGIN OPENSSH PRIVATE KEY-----"
    domain_name       = "kpi.example.com"
    route53_zone_id   = "/hostedzone/Z0123456789"
  }

  expect_failures = [var.ssh_public_key, var.route53_zone_id]
}

run "what_is_another_key_and_a_name" {
  command = plan

  variables {
    ssh_public_key  = "ecdsa-sha2-nistp256 AAAA"
    domain_name     = "kpi.example.com"
    route53_zone_id = "example.com"
  }

  expect_failures = [var.ssh_public_key, var.route53_zone_id]
}

run "what_needs_something_else" {
  command = plan

  variables {
    instance_type     = "t3.micro"
    ssh_allowed_cidrs = ["203.0.113.7/32"]
    route53_zone_id   = "Z0123456789ABCDEFGHIJ"
  }

  expect_failures = [var.instance_type, var.ssh_public_key, var.route53_zone_id]
}

run "a_type_with_too_little_memory" {
  command = plan

  variables {
    instance_type = "c7i.large"
  }

  override_data {
    target = data.aws_ec2_instance_type.platform
    values = { memory_size = 4096, default_vcpus = 2, supported_architectures = ["x86_64"] }
  }

  expect_failures = [data.aws_ec2_instance_type.platform]
}

run "a_type_with_too_few_processors" {
  command = plan

  override_data {
    target = data.aws_ec2_instance_type.platform
    values = { memory_size = 8192, default_vcpus = 1, supported_architectures = ["x86_64"] }
  }

  expect_failures = [data.aws_ec2_instance_type.platform]
}

run "a_type_that_the_region_does_not_have" {
  command = plan

  override_data {
    target = data.aws_ec2_instance_type_offerings.zones
    values = { locations = [] }
  }

  # Whatever asks for its first zone stops there, too.
  expect_failures = [data.aws_ec2_instance_type_offerings.zones]
}

run "what_is_just_right" {
  command = plan

  variables {
    region                = "us-gov-west-1"
    allowed_cidrs         = ["0.0.0.0/0"]
    alert_email           = "first.last+kpi@mail.example.co.uk"
    name                  = "a-name-of-20-letters"
    monthly_budget_usd    = 1
    instance_type         = "m7i-flex.large"
    root_volume_gb        = 30
    data_volume_gb        = 16384
    backup_retention_days = 7
    files_bucket_prefix   = "acme-2-"
    vpc_cidr              = "10.20.30.0/24"
    ssh_allowed_cidrs     = ["10.1.0.0/16"]
    ssh_public_key        = "ssh-rsa AAAAB3NzaC1yc2E= somebody"
    domain_name           = "kpi.sub-domain.example.com"
  }

  assert {
    condition     = aws_instance.platform.instance_type == "m7i-flex.large" && aws_ebs_volume.data.size == 16384
    error_message = "A permitted value is not what is made."
  }
}
